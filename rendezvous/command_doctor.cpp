// doctor: the findings as text or JSON.
#include "rendezvous/admin_desk.hpp"
#include "rendezvous/commands.hpp"
#include "rendezvous/doctor.hpp"

#include <algorithm>
#include <iostream>

namespace sotto::rendezvous {

int carry_out(const DoctorOptions& options) {
    if (!act_as_owner(options.folder)) return exit_failure;
    const std::vector<Finding> findings = examine(options.folder);
    const bool bad = std::any_of(findings.begin(), findings.end(),
                                 [](const Finding& each) { return each.grade == Grade::error; });
    if (options.json) {
        Json all = Json::array();
        for (const Finding& each : findings) {
            all.push_back({{"check", each.check},
                           {"grade", to_string(each.grade)},
                           {"text", each.text},
                           {"advice", each.advice}});
        }
        std::cout << Json{{"ok", !bad}, {"findings", std::move(all)}}.dump(2) << '\n';
        return bad ? exit_failure : exit_success;
    }
    for (const Finding& each : findings) {
        std::cout << to_string(each.grade) << ": " << each.check << ": " << each.text << '\n';
        if (!each.advice.empty()) std::cout << "    -> " << each.advice << '\n';
    }
    return bad ? exit_failure : exit_success;
}

}  // namespace sotto::rendezvous
