#include "tests/e2e/rendezvous_process.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace sotto::e2e {

Rendezvous::Rendezvous(std::filesystem::path folder, RendezvousOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
    Process init(program_folder() / "sotto-rendezvous",
                 {"init", "--data", folder_.string(), "--listen", "127.0.0.1:0", "--community",
                  options_.community});
    init.close_input();
    EXPECT_EQ(init.wait(), 0) << init.errors();
    if (options_.limits_factor != 1) configure("factor = 1", options_.limits_factor);
    if (options_.max_clients != 0) configure("max_clients = 20000", options_.max_clients);
    if (options_.work_bits != 0) configure("registration_work_bits = 0", options_.work_bits);
}

void Rendezvous::configure(const std::string& line, unsigned value) const {
    const auto file = folder_ / "rendezvous.toml";
    std::ostringstream read;
    read << std::ifstream(file).rdbuf();
    const std::string text = read.str();
    const std::string setting = "\n" + line + "\n";
    const std::size_t at = text.find(setting);
    ASSERT_NE(at, std::string::npos) << "init writes " << line;
    std::ofstream(file) << text.substr(0, at) << "\n"
                        << line.substr(0, line.find('=')) << "= " << value << "\n"
                        << text.substr(at + setting.size());
}

void Rendezvous::start() {
    const std::filesystem::path program = program_folder() / "sotto-rendezvous";
    std::vector<std::string> arguments{"run", "--data", folder_.string()};
    // Clients know the port of the first start.
    if (port_ != 0) {
        arguments.emplace_back("--listen");
        arguments.emplace_back("127.0.0.1:" + std::to_string(port_));
    }
    if (options_.descriptors == 0) {
        process_ = std::make_unique<Process>(program, arguments);
    } else {
        const std::string limit = std::to_string(options_.descriptors);
        arguments.insert(arguments.begin(),
                         {"-c", "ulimit -n " + limit + R"( && exec "$0" "$@")", program.string()});
        process_ = std::make_unique<Process>("/bin/sh", arguments);
    }
    while (const auto line = process_->read_line()) {
        constexpr std::string_view start = "listening ";
        if (!line->starts_with(start)) continue;
        link_ = line->substr(start.size());
        const std::size_t colon = link_.rfind(':');
        port_ = static_cast<std::uint16_t>(std::stoul(link_.substr(colon + 1)));
        return;
    }
    ADD_FAILURE() << "the rendezvous did not start: " << process_->errors();
}

int Rendezvous::stop() {
    process_->signal(SIGTERM);
    return process_->wait();
}

std::string Rendezvous::endpoint() const {
    return "tcp://127.0.0.1:" + std::to_string(port_);
}

std::string Rendezvous::link_through(std::uint16_t port) const {
    const std::size_t colon = link_.rfind(':');
    const std::size_t slash = link_.find('/', colon);
    return link_.substr(0, colon + 1) + std::to_string(port) + link_.substr(slash);
}

}  // namespace sotto::e2e
