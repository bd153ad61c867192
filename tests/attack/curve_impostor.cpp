#include "tests/attack/curve_impostor.hpp"

#include "crypto/result.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace sotto::attack {

namespace {

using crypto::Bytes;
using crypto::ByteView;

constexpr std::size_t greeting_size = 64;
constexpr std::size_t hello_size = 200;
constexpr std::uint8_t long_frame = 2;
constexpr int welcomes = 3;

void append(Bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}
void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// ZMTP 3.0, mechanism CURVE, as a server.
Bytes greeting() {
    Bytes out(greeting_size, 0);
    out[0] = 0xff;
    out[9] = 0x7f;
    out[10] = 3;
    constexpr std::string_view mechanism = "CURVE";
    std::copy(mechanism.begin(), mechanism.end(), out.begin() + 12);
    out[32] = 1;
    return out;
}

Bytes command(ByteView body) {
    Bytes out{4, static_cast<std::uint8_t>(body.size())};  // a short command frame
    append(out, body);
    return out;
}

// NaCl's boxes begin with 16 zeros that are not sent, messages with 32.
Bytes padded(ByteView plain) {
    Bytes out(crypto_box_ZEROBYTES, 0);
    append(out, plain);
    return out;
}
ByteView sent(const Bytes& box) {
    return ByteView(box).subspan(crypto_box_BOXZEROBYTES);
}

Bytes early_ready(ByteView key) {
    const Bytes short_nonce{0, 0, 0, 0, 0, 0, 0, 1};
    Bytes nonce;
    append(nonce, "CurveZMQREADY---");
    append(nonce, ByteView(short_nonce));
    const Bytes plain = padded({});  // no metadata
    Bytes box(plain.size());
    (void)crypto_box_curve25519xsalsa20poly1305_afternm(box.data(), plain.data(), plain.size(),
                                                        nonce.data(), key.data());
    Bytes out;
    append(out, "\x05READY");
    append(out, ByteView(short_nonce));
    append(out, sent(box));
    return out;
}

void send_all(int fd, const Bytes& bytes) {
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool begins_with(const Bytes& frame, std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(frame.data()), frame.size())
        .starts_with(text);
}

crypto::OwnCurve make_own() {
    crypto::SystemRandom random;
    return crypto::OwnCurve::generate(random);
}

}  // namespace

CurveImpostor::CurveImpostor(Imposture imposture, std::vector<Bytes> material)
    : imposture_(imposture),
      material_(std::move(material)),
      own_(make_own()),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Below the ports that a client's own connections use.
    for (std::uint16_t port = 10'000; port_ == 0 && port < 20'000; ++port) {
        address.sin_port = htons(port);
        if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            port_ = port;
    }
    if (port_ == 0 || listen(listener_, 16) != 0) throw std::runtime_error("cannot listen");
    thread_ = std::thread([this] { serve(); });
}

CurveImpostor::~CurveImpostor() {
    (void)eventfd_write(stop_, 1);
    thread_.join();
    close(listener_);
    close(stop_);
}

void CurveImpostor::serve() {
    for (std::size_t turn = 0; readable(listener_); ++turn) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        talk(connection, material_.at(turn % material_.size()));
        close(connection);
    }
}

void CurveImpostor::talk(int connection, const Bytes& bytes) {
    send_all(connection, greeting());
    if (receive(connection, greeting_size).size() != greeting_size) return;
    if (imposture_ == Imposture::early_ready) {
        send_all(connection, command(early_ready(bytes)));
        Bytes answer = next_frame(connection);  // its HELLO, perhaps, and then what it believes
        if (begins_with(answer, "\x05HELLO")) answer = next_frame(connection);
        if (begins_with(answer, "\x07MESSAGE")) ++believers_;
        ++attacks_;
        return;
    }
    const Bytes hello = next_frame(connection);
    if (hello.size() != hello_size) return;
    bool went_on = false;
    for (int i = 0; i < welcomes; ++i) {
        send_all(connection, command(welcome(hello, bytes)));
        went_on = begins_with(next_frame(connection), "\x08INITIATE") || went_on;
    }
    if (went_on) ++believers_;
    ++attacks_;
}

bool CurveImpostor::readable(int fd) const {
    std::array<pollfd, 2> wait{{{.fd = fd, .events = POLLIN, .revents = 0},
                                {.fd = stop_, .events = POLLIN, .revents = 0}}};
    return poll(wait.data(), wait.size(), -1) > 0 && wait[1].revents == 0;
}

Bytes CurveImpostor::receive(int connection, std::size_t size) const {
    Bytes got;
    std::array<std::uint8_t, 4096> part{};
    while (got.size() < size && readable(connection)) {
        const auto n = recv(connection, part.data(), std::min(part.size(), size - got.size()), 0);
        if (n <= 0) break;
        got.insert(got.end(), part.begin(), part.begin() + n);
    }
    return got;
}

Bytes CurveImpostor::next_frame(int connection) const {
    const Bytes flags = receive(connection, 1);
    if (flags.empty()) return {};
    std::size_t size = 0;
    for (const std::uint8_t byte : receive(connection, (flags[0] & long_frame) != 0 ? 8 : 1))
        size = size << 8U | byte;
    return receive(connection, size);
}

Bytes CurveImpostor::welcome(ByteView hello, ByteView transient) const {
    Bytes nonce;
    append(nonce, "WELCOME-");
    nonce.resize(crypto_box_NONCEBYTES, 7);
    Bytes content;
    append(content, transient);
    content.resize(content.size() + 96, 1);  // the cookie, which nobody will check
    const Bytes plain = padded(content);
    Bytes box(plain.size());
    // The keys' owners are honest: it cannot fail.
    crypto::ensure(crypto_box_curve25519xsalsa20poly1305(box.data(), plain.data(), plain.size(),
                                                         nonce.data(), hello.subspan(80, 32).data(),
                                                         own_.secret().view().data()) == 0,
                   "a WELCOME");
    Bytes out;
    append(out, "\x07WELCOME");
    append(out, ByteView(nonce).subspan(8));
    append(out, sent(box));
    return out;
}

}  // namespace sotto::attack
