#include "tests/e2e/rendezvous_process.hpp"

#include <gtest/gtest.h>

namespace sotto::e2e {

Rendezvous::Rendezvous(std::filesystem::path folder) : folder_(std::move(folder)) {
    Process init(
        program_folder() / "sotto-rendezvous",
        {"init", "--data", folder_.string(), "--listen", "127.0.0.1:0", "--community", "open"});
    init.close_input();
    EXPECT_EQ(init.wait(), 0) << init.errors();
}

void Rendezvous::start() {
    std::vector<std::string> arguments{"run", "--data", folder_.string()};
    // Clients know the port of the first start.
    if (port_ != 0) {
        arguments.emplace_back("--listen");
        arguments.emplace_back("127.0.0.1:" + std::to_string(port_));
    }
    process_ = std::make_unique<Process>(program_folder() / "sotto-rendezvous", arguments);
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

std::string Rendezvous::link_through(std::uint16_t port) const {
    const std::size_t colon = link_.rfind(':');
    const std::size_t slash = link_.find('/', colon);
    return link_.substr(0, colon + 1) + std::to_string(port) + link_.substr(slash);
}

}  // namespace sotto::e2e
