#![no_main]

libfuzzer_sys::fuzz_target!(
    init: glmdata_hostile::watch(),
    |data: &[u8]| glmdata_hostile::Target::named("arrow").check(data)
);
