#include "tests/bench/rendezvous/cases.hpp"
#include "tests/bench/report.hpp"

namespace sotto::bench::rendezvous {

// --- mail for who is not there -----------------------------------------------------------------

namespace {

// Half of the mailboxes' neighbours write, 64 at a time; their owners are away.
double put_all(Town& town, std::size_t boxes, std::size_t each) {
    constexpr std::size_t window = 64;
    const Stopwatch watch;
    town.each([&](Crowd& crowd, std::size_t) {
        std::vector<std::size_t> sent(2 * boxes);
        std::size_t left = boxes * each;
        const auto put = [&](std::size_t i) {
            if (sent[i]++ < each) crowd.ask(i, mail(crowd.person(i + 1), new_numbers(1)));
        };
        for (std::size_t k = 0; k < window; ++k) {
            for (std::size_t i = 0; i < 2 * boxes; i += 2)
                put(i);
        }
        while (left > 0) {
            crowd.worker().poll(100, [&](std::size_t i, ByteView bytes) {
                if (!std::holds_alternative<Accepted>(decoded(bytes).reply)) return;
                --left;
                put(i);
            });
        }
    });
    return static_cast<double>(workers * boxes * each) / watch.seconds();
}

double drain_all(Town& town, std::size_t boxes, std::size_t each) {
    const Stopwatch watch;
    town.each([&](Crowd& crowd, std::size_t) {
        // Mail that came before it was acknowledged comes again, so it may be more.
        std::size_t received = 0;
        for (std::size_t i = 1; i < 2 * boxes; i += 2)
            crowd.begin_entry(i, false);
        while (received < boxes * each) {
            crowd.worker().poll(100, [&](std::size_t i, ByteView bytes) {
                const ReplyFrame frame = decoded(bytes);
                if (crowd.take_login(i, frame)) return;
                const auto* got = std::get_if<Mail>(&frame.reply);
                if (got == nullptr) return;
                ++received;
                crowd.ask(i, AckMail{{got->row}}, 0);
            });
        }
    });
    return static_cast<double>(workers * boxes * each) / watch.seconds();
}

}  // namespace

void mailbox(Town& town, const Scale& scale) {
    const std::size_t boxes = std::min(scale.mailboxes, town.here() / 2) / workers;
    std::vector<double> puts;
    std::vector<double> drains;
    Meter put_meter(town);
    Meter drain_meter(town);
    const auto count = static_cast<double>(workers * boxes * scale.mails_each);
    for (int run = 0; run < scale.runs; ++run) {
        town.each([&](Crowd& crowd, std::size_t) {
            for (std::size_t i = 1; i < 2 * boxes; i += 2)
                crowd.worker().close(i);
        });
        put_meter.begin();
        puts.push_back(put_all(town, boxes, scale.mails_each));
        put_meter.end(count);
        drain_meter.begin();
        drains.push_back(drain_all(town, boxes, scale.mails_each));
        drain_meter.end(count);
    }
    const std::uint64_t mailboxes = boxes * workers;
    report(suite, "mailbox_put", {{"clients", town.size()}, {"mailboxes", mailboxes}}, puts,
           median(puts), "1/s", {});
    report(suite, "mailbox_drain", {{"clients", town.size()}, {"mailboxes", mailboxes}}, drains,
           median(drains), "1/s", {});
    put_meter.report("mailbox_put");
    drain_meter.report("mailbox_drain");
}

// --- presence ----------------------------------------------------------------------------------

// Everybody watches the directory; one comes and is seen by all.
void presence_fanout(Town& town, const Scale& scale) {
    const auto wait_for = [&](std::size_t count, const auto& is_it) {
        town.each([&](Crowd& crowd, std::size_t) {
            std::size_t seen = 0;
            while (seen < count) {
                crowd.worker().poll(100, [&](std::size_t, ByteView bytes) {
                    if (is_it(decoded(bytes))) ++seen;
                });
            }
        });
    };
    const std::size_t watchers = town.here() / workers;
    town.each([&](Crowd& crowd, std::size_t) {
        for (std::size_t i = 0; i < watchers; ++i)
            crowd.ask(i, Watch{true, {}});
    });
    wait_for(watchers, [](const ReplyFrame& f) { return std::holds_alternative<Ok>(f.reply); });

    std::vector<double> ms;
    Meter meter(town);
    Crowd newcomer(town.place(), make_people(1, "newcomer-" + std::to_string(town.size()) + "-"));
    for (int run = 0; run < 2 * scale.runs; ++run) {
        const bool comes = run % 2 == 0;
        meter.begin();
        const Stopwatch watch;
        if (comes) {
            newcomer.enter(std::vector<std::size_t>{0}, 1, run == 0);
        } else {
            newcomer.worker().close(0);
        }
        wait_for(watchers, [&](const ReplyFrame& f) {
            const auto* presence = std::get_if<Presence>(&f.reply);
            return presence != nullptr && presence->entries.front().online == comes;
        });
        ms.push_back(watch.seconds() * 1e3);
        meter.end(static_cast<double>(watchers * workers));
    }
    town.each([&](Crowd& crowd, std::size_t) {
        for (std::size_t i = 0; i < watchers; ++i)
            crowd.ask(i, Watch{false, {}});
    });
    wait_for(watchers, [](const ReplyFrame& f) { return std::holds_alternative<Ok>(f.reply); });
    report(suite, "presence_fanout", {{"clients", town.size()}}, ms, median(ms), "ms", {});
    meter.report("presence_fanout");
}

}  // namespace sotto::bench::rendezvous
