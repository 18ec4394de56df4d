//! Arguments, runtime, exit code.

fn main() -> std::process::ExitCode {
    stepproof::cli::main()
}
