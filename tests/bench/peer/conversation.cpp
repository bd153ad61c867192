#include "tests/bench/peer/conversation.hpp"

#include "tests/bench/report.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace sotto::bench {

using e2e::Process;

namespace {

const std::string password = "correct horse battery";

bool has_all(const std::string& line, const std::vector<std::string>& parts) {
    return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return line.find(part) != std::string::npos;
    });
}

}  // namespace

Conversation::Conversation(bool direct) {
    start_server();
    alice_ = start_peer("alice");
    bob_ = start_peer("bob");
    register_as(*alice_, "alice");
    register_as(*bob_, "bob");
    const std::string allow = direct ? "true" : "false";
    tell(*alice_, R"({"command":"contact_request","to":"bob","text":"hi","direct":)" + allow + "}");
    expect(*bob_, {R"("event":"contact_request")"});
    tell(*bob_, R"({"command":"accept","from":"alice","direct":)" + allow + "}");
    expect(*alice_, {R"("event":"contact")", R"("state":"accepted")"});
    if (direct) {
        expect(*alice_, {R"("path":"direct")"});
        expect(*bob_, {R"("path":"direct")"});
    }
}

void Conversation::start_server() {
    const auto program = e2e::program_folder() / "sotto-rendezvous";
    const std::string data = (folder_.path() / "rendezvous").string();
    Process init(program,
                 {"init", "--data", data, "--listen", "127.0.0.1:0", "--community", "open"});
    init.close_input();
    if (init.wait() != 0) std::abort();
    server_ = std::make_unique<Process>(program, std::vector<std::string>{"run", "--data", data});
    const std::string line = expect(*server_, {"listening sotto://"});
    link_ = line.substr(line.find("sotto://"));
}

std::unique_ptr<Process> Conversation::start_peer(const std::string& name) const {
    return std::make_unique<Process>(
        e2e::program_folder() / "sotto-peer",
        std::vector<std::string>{"--json", "--cheap-vault", "--profile",
                                 (folder_.path() / name).string()});
}

void Conversation::register_as(Process& peer, const std::string& name) const {
    tell(peer, R"({"command":"register","server":")" + link_ + R"(","username":")" + name +
                   R"(","password":")" + password + "\"}");
    expect(peer, {R"("event":"done","command":"register")"});
}

std::string Conversation::expect(Process& peer, const std::vector<std::string>& parts) {
    while (auto line = peer.read_line()) {
        if (has_all(*line, parts)) return *line;
    }
    std::cerr << "waited in vain for " << parts.front() << "\n" << peer.errors();
    std::exit(1);
}

void Conversation::tell(Process& peer, const std::string& line) {
    peer.write(line + "\n");
}

std::string Conversation::next_text(std::size_t size) {
    std::string text = "message " + std::to_string(++numbers_used_) + " ";
    text.resize(std::max(size, text.size()), 'x');
    return text;
}

std::vector<double> Conversation::one_way_ms(std::size_t count, std::size_t size) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string text = next_text(size);
        const std::string line = R"({"command":"send","to":"bob","text":")" + text + "\"}";
        const Stopwatch watch;
        tell(*alice_, line);
        expect(*bob_, {text});
        out.push_back(watch.seconds() * 1000);
    }
    return out;
}

std::vector<double> Conversation::until_delivered_ms(std::size_t count, std::size_t size) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string text = next_text(size);
        const Stopwatch watch;
        tell(*alice_, R"({"command":"send","to":"bob","text":")" + text + "\"}");
        const std::string stored = expect(*alice_, {text});
        const std::string id = stored.substr(stored.find("\"id\":\""), 39);  // "id":"32 digits"
        expect(*alice_, {id, R"("state":"delivered")"});
        out.push_back(watch.seconds() * 1000);
    }
    return out;
}

double Conversation::rate(std::size_t count, std::size_t size) {
    std::string lines;
    std::string last;
    for (std::size_t i = 0; i < count; ++i) {
        last = next_text(size);
        lines += R"({"command":"send","to":"bob","text":")" + last + "\"}\n";
    }
    const Stopwatch watch;
    alice_->write_and_drain(lines);
    expect(*bob_, {last});
    return static_cast<double>(count) / watch.seconds();
}

double Conversation::link_up_ms() {
    tell(*bob_, R"({"command":"lock"})");
    expect(*bob_, {R"("command":"lock")"});
    expect(*alice_, {R"("event":"presence","username":"bob")", "offline"});
    const Stopwatch watch;
    tell(*bob_, R"({"command":"unlock","passphrase":")" + password + "\"}");
    expect(*alice_, {R"("event":"path")", R"("path":"direct")"});
    return watch.seconds() * 1000;
}

}  // namespace sotto::bench
