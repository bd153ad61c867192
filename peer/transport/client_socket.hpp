// One DEALER to one endpoint, with its monitor and the frames it could not hand over yet.
//
// Belongs to the owner's thread. Tells apart what libzmq blurs: not reachable, refused by ZAP,
// closed in the handshake (a wrong key looks like this), lost after it was up. After anything but
// "unreachable" the socket may be dead for ever without saying so: the owner replaces it.
// Refuses multipart messages and oversize frames. Functions may throw zmq::error_t.
#pragma once

#include "crypto/bytes.hpp"
#include "crypto/keys.hpp"
#include "peer/transport/socket_monitor.hpp"
#include "peer/transport/zmq_rules.hpp"

#include <zmq.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sotto::peer::transport {

// Frames taken beyond libzmq's own queue while the other side is slow; what does not fit is
// dropped, as if lost on the way: the engine's outbox sends it again.
inline constexpr std::size_t parked_frames_max = 4096;
inline constexpr std::size_t parked_bytes_max = 8U * 1024 * 1024;

// A bounded first-in-first-out of frames.
class ParkedFrames {
public:
    void push(const crypto::Bytes& frame);
    [[nodiscard]] bool empty() const noexcept { return frames_.empty(); }
    [[nodiscard]] const crypto::Bytes& front() const { return frames_.front(); }
    void pop();
    void clear();

private:
    std::deque<crypto::Bytes> frames_;
    std::size_t bytes_ = 0;
};

enum class ClientEvent : std::uint8_t {
    up,
    unreachable,          // TCP did not connect; libzmq goes on trying
    lost,                 // was up; replace the socket
    refused,              // ZAP said 400; replace the socket
    closed_in_handshake,  // TCP connected, CURVE did not; replace the socket
    violation,            // the other side broke the frame rules; replace the socket
};

struct ClientTarget {
    std::string endpoint;
    crypto::CurvePublic server_key;
    crypto::OwnCurve own;
};

class ClientSocket {
public:
    // Starts connecting. `number` is unique within the context.
    ClientSocket(zmq::context_t& context, const ClientTarget& target, const ClientPacing& pacing,
                 std::uint64_t io_thread, std::uint64_t number);
    ClientSocket(const ClientSocket&) = delete;
    ClientSocket& operator=(const ClientSocket&) = delete;
    ~ClientSocket() = default;

    static constexpr std::size_t poll_item_count = 2;
    void add_poll_items(std::vector<zmq_pollitem_t>& items);

    // The next thing that happened to the connection; nothing when there is none.
    [[nodiscard]] std::optional<ClientEvent> next_event();
    // The next frame, nothing when there is none. A multipart message yields nothing and sets
    // violated(): the socket is of no more use.
    [[nodiscard]] std::optional<crypto::Bytes> next_frame();
    [[nodiscard]] bool violated() const noexcept { return violated_; }

    // Hands over or parks; does nothing before `up`.
    void send(const crypto::Bytes& frame);
    // Tries parked frames again.
    void flush();
    [[nodiscard]] bool is_up() const noexcept { return up_; }

    // Lets already sent frames out for a moment when the socket is destroyed.
    void linger_on_close();

private:
    [[nodiscard]] bool try_send(const crypto::Bytes& frame);
    [[nodiscard]] std::optional<ClientEvent> interpret(const MonitorEvent& event);

    zmq::socket_t socket_;
    SocketMonitor monitor_;  // after the socket: destroyed first
    ParkedFrames parked_;
    bool up_ = false;
    bool tcp_connected_ = false;
    bool violated_ = false;
};

}  // namespace sotto::peer::transport
