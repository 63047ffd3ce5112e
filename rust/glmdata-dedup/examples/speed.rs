use glmdata_dedup::*;
use glmdata_text::*;
use std::time::Instant;
fn main() {
    for f in std::env::args().skip(1) {
        let data = std::fs::read_to_string(&f).unwrap();
        let texts: Vec<String> = data
            .lines()
            .map(|l| {
                serde_json::from_str::<serde_json::Value>(l).unwrap()["text"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let total: usize = texts.iter().map(|t| t.len()).sum();
        let mut best = [0f64; 5];
        for _ in 0..9 {
            let mut n = Normaliser::new();
            let mut s = Shingler::new(Shingling::Mixed);
            let mut k = Sketcher::new(128);
            let (mut tn, mut ts, mut tk, mut th) = (0f64, 0f64, 0f64, 0f64);
            let mut shin = 0usize;
            let mut x = 0u64;
            for t in &texts {
                let a = Instant::now();
                let o = n.run(t);
                let b = Instant::now();
                let h = s.hashes(o);
                let c = Instant::now();
                let sk = k.sketch(h);
                let d = Instant::now();
                x ^= sk[3];
                let r = xxhash_rust::xxh3::xxh3_128(t.as_bytes())
                    ^ xxhash_rust::xxh3::xxh3_128(o.as_bytes());
                x ^= r as u64;
                let e = Instant::now();
                shin += h.len();
                tn += (b - a).as_secs_f64();
                ts += (c - b).as_secs_f64();
                tk += (d - c).as_secs_f64();
                th += (e - d).as_secs_f64();
            }
            let r = [
                total as f64 / tn / 1e6,
                total as f64 / ts / 1e6,
                total as f64 / tk / 1e6,
                shin as f64 / tk / 1e6,
                total as f64 / (tn + ts + tk + th) / 1e6,
            ];
            for i in 0..5 {
                best[i] = best[i].max(r[i]);
            }
            std::hint::black_box((x, th));
        }
        println!(
            "{f} MB best norm {:.0} shingle {:.0} sketch {:.0} ({:.0} M/s) all {:.0}",
            best[0], best[1], best[2], best[3], best[4]
        );
    }
}
