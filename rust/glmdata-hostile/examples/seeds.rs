//! Writes the seeds of every target into a folder of its name below the folder that is named.

#![allow(clippy::expect_used, reason = "a tool for development")]

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: seeds FOLDER"));
    for target in glmdata_hostile::TARGETS {
        let of_target = folder.join(target.name);
        std::fs::create_dir_all(&of_target)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(of_target.join(format!("seed-{number:02}")), seed)?;
        }
    }
    Ok(())
}
