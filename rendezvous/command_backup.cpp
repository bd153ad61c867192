// backup, restore, check.
#include "crypto/init.hpp"
#include "rendezvous/backup.hpp"
#include "rendezvous/commands.hpp"

#include <chrono>
#include <iostream>

namespace sotto::rendezvous {

namespace {

std::uint64_t wall_ms() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

std::string summary(const DatabaseReport& report) {
    return std::to_string(report.accounts) + " members, " + std::to_string(report.mail_items) +
           " items of mail, schema " + std::to_string(report.schema);
}

}  // namespace

int carry_out(const BackupOptions& options) {
    (void)crypto::harden_process();  // the key passes through
    const ServerFolder folder(options.folder);
    const auto written = write_backup(folder, options.file, !options.without_key);
    if (!written) return fail(written.error().text);
    std::cout
        << "Wrote " << options.file << '\n'
        << (options.without_key
                ? "It has no key: keep server.key elsewhere, or no member can connect after a "
                  "restore.\n"
                : "It holds the server's secret key: keep it where nobody else can read it.\n");
    return exit_success;
}

int carry_out(const CheckOptions& options) {
    const std::string file =
        options.file.empty() ? ServerFolder(options.folder).database_file().string() : options.file;
    const auto report = check_database(file);
    if (!report) return fail(report.error().text);
    for (const std::string& damage : report->damage)
        std::cout << "damaged: " << damage << '\n';
    if (!report->damage.empty()) {
        return fail(file + " is damaged; restore the last good backup (sotto-rendezvous restore)");
    }
    std::cout << "ok: " << summary(*report) << '\n';
    return exit_success;
}

int carry_out(const RestoreOptions& options) {
    (void)crypto::harden_process();
    ServerFolder folder(options.folder);
    if (const auto made = folder.make(); !made) return fail(made.error().text);
    if (!folder.lock()) {
        return fail("a server runs in " + options.folder +
                    "; stop it first (systemctl stop "
                    "sotto-rendezvous)");
    }
    const auto report = restore_backup(folder, options.file, options.replace, wall_ms());
    if (!report) return fail(report.error().text);
    std::cout << "Restored " << summary(report->database) << '\n';
    if (!report->kept_as.empty()) {
        std::cout << "The database that was there is now " << report->kept_as << '\n';
    }
    if (!report->wrote_config) std::cout << "The configuration that was there was kept.\n";
    std::cout
        << "Mail and invites used since the backup are as they were then. Members renew their "
           "prekeys\nand mailbox tokens at their next login.\n";
    return exit_success;
}

}  // namespace sotto::rendezvous
