#include "rendezvous/zap_handler.hpp"

#include "rendezvous/peer_address.hpp"

#include <malloc.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>

namespace sotto::rendezvous {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";  // fixed by RFC 27
// version, request id, domain, address, routing id, mechanism, client key (RFC 27, CURVE).
constexpr std::size_t request_frames = 7;
constexpr std::size_t max_banned = 1000;
// A handshake costs us half a millisecond and its sender a tenth: 20 a second per address prefix
// are 1 % of a core. A school that comes back after a restart has its burst.
constexpr Rate handshake_rate{1000, 50'000};
constexpr std::size_t max_prefixes = 50'000;
// Pipes whose memory is worth giving back: 2 MiB.
constexpr std::uint64_t pipes_worth_trimming = 200;
// Until then some descriptors may be free again.
constexpr std::uint64_t renew_retry_ms = 5'000;
// Other threads end the pipes of a closed socket; 10,000 take some tens of milliseconds.
constexpr std::uint64_t trim_ms = 1000;

std::uint64_t steady_ms() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

std::vector<zmq::message_t> receive_all(zmq::socket_t& socket) {
    std::vector<zmq::message_t> frames;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait)) break;
        more = frame.more();
        if (frames.size() < request_frames) frames.push_back(std::move(frame));
    }
    return frames;
}

zmq::socket_t make_socket(zmq::context_t& context) {
    zmq::socket_t socket(context, zmq::socket_type::rep);
    socket.set(zmq::sockopt::linger, 0);
    return socket;
}

// A socket needs a descriptor, and clients may hold all of them. The present one serves on.
std::optional<zmq::socket_t> try_to_make_socket(zmq::context_t& context) {
    try {
        return make_socket(context);
    } catch (const zmq::error_t& error) {
        if (error.num() == ETERM) throw;
        return std::nullopt;
    }
}

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context, ZapTimes times)
    : context_(context), times_(times), lived_ms_(steady_ms()) {
    zmq::socket_t socket = make_socket(context);
    socket.bind(zap_endpoint);  // here, not in the thread: the ROUTER must not be bound earlier
    thread_ = std::jthread([this, zap = std::move(socket)]() mutable {
        pthread_setname_np(pthread_self(), "zap");  // for operators: top -H
        try {
            run(std::move(zap));
        } catch (const zmq::error_t& error) {
            // The context ends. For anything else a restart is the only way back: without this
            // thread nobody gets in, and nobody would notice.
            crypto::ensure(error.num() == ETERM, "the ZAP handler cannot go on");
        }
    });
}

ZapHandler::~ZapHandler() {
    stop_.signal();
}

void ZapHandler::run(zmq::socket_t socket) {
    using Phase = Sockets::Phase;
    Sockets sockets{.now = std::move(socket), .before = std::nullopt};
    while (true) {
        const std::uint64_t now_ms = steady_ms();
        lived_ms_ = now_ms;
        const bool timed = sockets.phase != Phase::unused;
        if (timed && now_ms >= sockets.due_ms) {
            go_on(sockets, now_ms);
            continue;
        }
        std::array<zmq_pollitem_t, 3> items{{{nullptr, stop_.fd(), ZMQ_POLLIN, 0},
                                             {sockets.now.handle(), 0, ZMQ_POLLIN, 0},
                                             {nullptr, -1, ZMQ_POLLIN, 0}}};
        if (sockets.before) items[2].socket = sockets.before->handle();
        const std::uint64_t wait_ms =
            timed ? std::min(times_.life_ms, sockets.due_ms - now_ms) : times_.life_ms;
        // The C call: a signal (EINTR) must not end the handler, which would shut everybody out.
        if (zmq_poll(items.data(), sockets.before ? 3 : 2, static_cast<long>(wait_ms)) < 0) {
            if (errno != EINTR) throw zmq::error_t();
            continue;
        }
        if (items[0].revents != 0) return;
        if (sockets.before && items[2].revents != 0) answer(*sockets.before);
        if (items[1].revents == 0) continue;
        answer(sockets.now);
        ++sockets.pipes_now;
        if (sockets.phase != Phase::unused) continue;
        sockets.phase = Phase::used;
        sockets.due_ms = now_ms + times_.renew_ms;
    }
}

// A phase is over: in turns a fresh socket, the end of the old one, and its memory given back.
void ZapHandler::go_on(Sockets& sockets, std::uint64_t now_ms) {
    using Phase = Sockets::Phase;
    if (sockets.phase == Phase::used) {
        auto fresh = try_to_make_socket(context_);
        if (!fresh) {
            sockets.due_ms = now_ms + renew_retry_ms;
            return;
        }
        // Whoever asks between these two lines is refused, and comes again.
        sockets.now.unbind(zap_endpoint);
        fresh->bind(zap_endpoint);
        sockets.before = std::exchange(sockets.now, std::move(*fresh));
        sockets.pipes_before = std::exchange(sockets.pipes_now, 0);
        sockets.phase = Phase::closing;
        sockets.due_ms = now_ms + times_.close_ms;
    } else if (sockets.phase == Phase::closing) {
        sockets.before.reset();
        sockets.phase = Phase::trimming;
        sockets.due_ms = now_ms + trim_ms;
    } else {
        if (sockets.pipes_before >= pipes_worth_trimming) malloc_trim(0);
        sockets.phase = sockets.pipes_now > 0 ? Phase::used : Phase::unused;
    }
}

void ZapHandler::ban(const UserId& user) {
    const std::lock_guard lock(mutex_);
    if (!banned_.insert(user).second) return;
    banned_order_.push_back(user);
    if (banned_order_.size() <= max_banned) return;
    banned_.erase(banned_order_.front());
    banned_order_.pop_front();
}

HandshakeCounters ZapHandler::counters() const {
    return {.accepted = accepted_,
            .refused_full = refused_full_,
            .refused_rate = refused_rate_,
            .refused_banned = refused_banned_};
}

// Three times as long: a machine that was asleep or busy is not taken for a dead thread.
bool ZapHandler::lives() const {
    return steady_ms() < lived_ms_ + 3 * times_.life_ms;
}

bool ZapHandler::hammers(std::string_view address) {
    const auto prefix = prefix_of_text(address);
    if (!prefix) return false;
    const std::uint64_t now_ms = steady_ms();
    if (handshakes_.size() >= max_prefixes) {
        std::erase_if(handshakes_, [now_ms](const auto& each) { return each.second.full(now_ms); });
        if (handshakes_.size() >= max_prefixes) return true;
    }
    TokenBucket& bucket = handshakes_[*prefix];
    if (bucket.wait_ms(handshake_rate, now_ms, 1) > 0) return true;
    bucket.take(handshake_rate, now_ms, 1);
    return false;
}

ZapHandler::Verdict ZapHandler::judge(const std::vector<zmq::message_t>& request) {
    const bool well_formed =
        request.size() == request_frames && request[0].to_string_view() == "1.0" &&
        request[2].to_string_view() == zap_domain && request[5].to_string_view() == "CURVE";
    if (!well_formed) return {"500", {}};
    const zmq::message_t& frame = request[6];
    const auto user = UserId::parse({frame.data<std::uint8_t>(), frame.size()});
    if (!user) {
        ++refused_banned_;
        return {"400", {}};  // no CURVE library makes such a key
    }
    {
        const std::lock_guard lock(mutex_);
        if (banned_.contains(*user)) {
            ++refused_banned_;
            return {"400", {}};
        }
    }
    if (full_) {
        ++refused_full_;
        return {"300", {}};
    }
    if (hammers(request[3].to_string_view())) {
        ++refused_rate_;
        return {"300", {}};
    }
    ++accepted_;
    return {"200", crypto::to_hex(user->view())};
}

void ZapHandler::answer(zmq::socket_t& socket) {
    std::vector<zmq::message_t> request = receive_all(socket);
    if (request.empty()) return;
    const Verdict verdict = judge(request);
    const auto more = zmq::send_flags::sndmore;
    zmq::message_t request_id;
    if (request.size() > 1) request_id = std::move(request[1]);
    socket.send(zmq::str_buffer("1.0"), more);
    socket.send(request_id, more);
    socket.send(zmq::buffer(std::string_view(verdict.status)), more);
    socket.send(zmq::message_t(), more);  // status text: nothing to tell
    socket.send(zmq::buffer(verdict.user_id), more);
    socket.send(zmq::message_t(), zmq::send_flags::none);  // metadata: none
}

}  // namespace sotto::rendezvous
