// sotto: the desktop.
#include <iostream>
#include <memory>
#include <string>
#include <variant>

#include "peer/runtime/hardening.hpp"
#include "ui/app.hpp"
#include "ui/signals.hpp"

int main(int argc, char** argv) {
    using namespace sotto;
    for (const std::string& problem : peer::runtime::harden_process()) {
        std::cerr << "sotto: " << problem << "\n";
    }
    ui::block_termination_signals();
    auto options = ui::parse_options(argc, argv);
    if (const int* code = std::get_if<int>(&options)) {
        return *code;
    }
    auto opened = ui::App::open(std::move(std::get<ui::Options>(options)), false);
    if (const std::string* problem = std::get_if<std::string>(&opened)) {
        std::cerr << "sotto: " << *problem << "\n";
        return ui::exit_failed;
    }
    ui::App& app = *std::get<std::unique_ptr<ui::App>>(opened);
    const ui::TerminationSignals signals([&app] { app.terminate(); });
    app.run();
    return ui::exit_ok;
}
