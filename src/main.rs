//! The `wgtune` command.

fn main() -> std::process::ExitCode {
    wgtune::cli::main()
}
