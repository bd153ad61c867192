// Something else the server's thread looks after between frames: signals, admin requests, metrics.
//
// All calls come from the server's thread, and none may wait. What an attendant asks of the store
// goes through Server::ask(), so that it shares the commits of everybody else.
#pragma once

#include "rendezvous/store.hpp"

namespace sotto::rendezvous {

class Server;

class Attendant {
public:
    Attendant() = default;
    Attendant(const Attendant&) = delete;
    Attendant& operator=(const Attendant&) = delete;
    virtual ~Attendant() = default;

    // Readable while attend() has something to do; -1: never, only ticks.
    [[nodiscard]] virtual int fd() const { return -1; }
    virtual void attend(Server&) {}
    // About four times a second.
    virtual void tick(Server&) {}
    // The server has been told to stop and finishes what is at the store.
    virtual void stopping(Server&) {}
    // To a batch it gave to Server::ask().
    virtual void answer(Server&, StoreDone&) {}
};

}  // namespace sotto::rendezvous
