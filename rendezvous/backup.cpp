#include "rendezvous/backup.hpp"

#include "rendezvous/sqlite_database.hpp"
#include "rendezvous/sqlite_schema.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sotto::rendezvous {

namespace {

using Failed = crypto::Unexpected<Sentence>;

// A configuration is 2 KB, a key 40 bytes.
constexpr std::size_t max_file_bytes = 64U << 10;
// Rows of mail that clients may still acknowledge although the backup never knew them.
constexpr const char* skip_rows_sql =
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'mail', 0 "
    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'mail');"
    "UPDATE sqlite_sequence SET seq = seq + 4294967296 WHERE name = 'mail';";

std::string why(const Database& database) {
    return std::string(to_string(database.failed().value_or(DatabaseError::io_error)));
}

bool sync(const std::filesystem::path& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool good = fsync(fd) == 0;
    close(fd);
    return good;
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    const auto parent = file.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

std::int64_t number_of(Database& database, const char* sql) {
    Statement statement(database, sql);
    std::int64_t value = 0;
    if (statement.step()) value = statement.integer(0);
    statement.rewind();
    return value;
}

// The text of a small file as it is; nothing when it cannot be read or is not small.
std::optional<Bytes> read_small(const std::filesystem::path& file) {
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return std::nullopt;
    Bytes bytes(max_file_bytes + 1);
    const ssize_t size = read(fd, bytes.data(), bytes.size());
    close(fd);
    if (size < 0 || static_cast<std::size_t>(size) > max_file_bytes) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

crypto::Result<void, Sentence> add_files(const ServerFolder& folder, Database& backup,
                                         bool with_key) {
    backup.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
    Transaction transaction(backup, Transaction::Kind::write);
    backup.execute(
        "CREATE TABLE backup_files (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;");
    std::vector<std::filesystem::path> files{folder.config_file()};
    if (with_key) files.push_back(folder.key_file());
    for (const auto& file : files) {
        const auto content = read_small(file);
        if (!content) return Failed({"cannot read " + file.string()});
        Statement insert(backup, "INSERT INTO backup_files (name, content) VALUES (?, ?)");
        const std::string name = file.filename().string();
        insert.bind(std::string_view(name)).bind(ByteView(*content)).run();
    }
    if (!transaction.commit()) return Failed({"cannot write the backup: " + why(backup)});
    return {};
}

crypto::Result<void, Sentence> copy_database(const ServerFolder& folder, const std::string& file,
                                             bool with_key) {
    auto database = Database::open_existing(folder.database_file().string());
    if (!database) {
        return Failed(
            {folder.database_file().string() + ": " + std::string(to_string(database.error()))});
    }
    if (const auto error = check_identity(*database)) {
        return Failed({folder.database_file().string() + ": " + std::string(to_string(*error))});
    }
    {
        Statement vacuum(*database, "VACUUM INTO ?");
        vacuum.bind(std::string_view(file)).run();
    }
    if (database->failed()) return Failed({"cannot write the backup: " + why(*database)});
    auto backup = Database::open_existing(file);
    if (!backup) return Failed({"cannot write the backup"});
    return add_files(folder, *backup, with_key);
}

}  // namespace

crypto::Result<void, Sentence> write_backup(const ServerFolder& folder, const std::string& file,
                                            bool with_key) {
    // Made first, so that it has its mode before anything is in it, and is surely new.
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return Failed({errno == EEXIST ? file + " exists already; nothing was changed"
                                       : "cannot write " + file});
    }
    close(fd);
    auto copied = copy_database(folder, file, with_key);
    if (copied) {
        const auto report = check_database(file);
        if (!report) copied = Failed(report.error());
        if (report && !report->damage.empty()) {
            copied = Failed({"the server's database is damaged: " + report->damage.front()});
        }
    }
    if (copied && (!sync(file) || !sync(folder_of(file)))) {
        copied = Failed({"the disk did not take " + file});
    }
    if (!copied) unlink(file.c_str());
    return copied;
}

// --- check -------------------------------------------------------------------------------------

crypto::Result<DatabaseReport, Sentence> check_database(const std::string& file) {
    auto opened = Database::open_existing(file);
    if (!opened) return Failed({file + ": " + std::string(to_string(opened.error()))});
    Database& database = *opened;
    if (const auto error = check_identity(database)) {
        return Failed({file + ": " + std::string(to_string(*error))});
    }
    DatabaseReport report;
    report.schema = number_of(database, "PRAGMA user_version");
    Statement integrity(database, "PRAGMA integrity_check(20)");
    while (integrity.step()) {
        if (const std::string line = integrity.text(0); line != "ok") report.damage.push_back(line);
    }
    Statement references(database, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check");
    while (references.step())
        report.damage.push_back("rows without their owner in " + references.text(0));
    for (const std::string& name : missing_names(database))
        report.damage.push_back(name + " is missing");
    // Before schema 3 they were columns of the devices.
    const std::int64_t wrong = number_of(
        database, report.schema < 3 ? "SELECT count(*) FROM devices d WHERE mail_items <> "
                                      "(SELECT count(*) FROM mail m WHERE m.device_id = d.id)"
                                    : "SELECT count(*) FROM devices d LEFT JOIN mail_counts c "
                                      "ON c.device_id = d.id WHERE coalesce(c.items, 0) <> "
                                      "(SELECT count(*) FROM mail m WHERE m.device_id = d.id)");
    if (wrong > 0) report.damage.push_back("mail counters of devices do not agree with their mail");
    report.accounts =
        static_cast<std::uint64_t>(number_of(database, "SELECT count(*) FROM accounts"));
    report.mail_items =
        static_cast<std::uint64_t>(number_of(database, "SELECT count(*) FROM mail"));
    report.is_backup =
        number_of(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'backup_files'") > 0;
    if (report.is_backup) {
        report.has_key =
            number_of(database, "SELECT count(*) FROM backup_files WHERE name = 'server.key'") > 0;
    }
    if (database.failed()) report.damage.push_back(why(database));
    return report;
}

// --- restore -----------------------------------------------------------------------------------

namespace {

// Copies `file` into the folder; nothing else there is touched.
crypto::Result<void, Sentence> copy_in(const ServerFolder& folder, const std::string& file,
                                       const std::filesystem::path& copy) {
    const int from = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return Failed({"cannot read " + file});
    unlink(copy.c_str());  // of an attempt that was interrupted
    const int to = open(copy.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = to >= 0 && folder.give_to_owner(to);
    std::array<char, 65536> part{};
    ssize_t size = 0;
    while (good && (size = read(from, part.data(), part.size())) > 0)
        good = write(to, part.data(), static_cast<std::size_t>(size)) == size;
    good = good && size == 0 && fsync(to) == 0;
    close(from);
    if (to >= 0) close(to);
    if (!good) return Failed({"cannot write into the folder (is the disk full?)"});
    return {};
}

std::optional<Bytes> stored_file(Database& database, std::string_view name) {
    std::optional<Bytes> content;
    Statement find(database, "SELECT content FROM backup_files WHERE name = ?");
    find.bind(name);
    if (find.step()) content = find.copy(0);
    find.rewind();
    return content;
}

// What an older state must not bring back; see docs/storage.md.
bool make_current(Database& database) {
    database.execute("PRAGMA secure_delete = ON; PRAGMA journal_mode = DELETE;");
    Transaction transaction(database, Transaction::Kind::write);
    database.execute(
        "DROP TABLE backup_files;"
        "DELETE FROM one_time_prekeys;"
        "UPDATE accounts SET token = NULL, previous_token = NULL, previous_until_ms = 0;");
    database.execute(skip_rows_sql);
    return transaction.commit();
}

crypto::Result<void, Sentence> place_file(const ServerFolder& folder,
                                          const std::filesystem::path& file,
                                          const std::optional<Bytes>& content, bool must_agree,
                                          bool& wrote) {
    const auto there = read_small(file);
    if (!there) {
        if (std::filesystem::exists(file)) return Failed({"cannot read " + file.string()});
        if (!content) {
            return Failed({"the backup has no " + file.filename().string() +
                           "; put the server's own into the folder first"});
        }
        wrote = folder.write_file(file, *content);
        if (!wrote) return Failed({"cannot write " + file.string()});
        return {};
    }
    if (must_agree && content && *there != *content) {
        return Failed({file.string() + " is another server's than the backup's"});
    }
    return {};
}

// The files of a database under another name, all three of them.
bool set_aside(const std::filesystem::path& database, const std::string& name) {
    for (const char* suffix : {"-wal", "-shm", ""}) {
        const std::string from = database.string() + suffix;
        if (!std::filesystem::exists(from)) continue;
        if (std::rename(from.c_str(), (name + suffix).c_str()) != 0) return false;
    }
    return true;
}

}  // namespace

crypto::Result<RestoreReport, Sentence> restore_backup(const ServerFolder& folder,
                                                       const std::string& file, bool replace,
                                                       std::uint64_t now_ms) {
    const auto target = folder.database_file();
    if (std::filesystem::exists(target) && !replace) {
        return Failed({target.string() + " exists; --replace puts the backup in its place"});
    }
    const std::filesystem::path copy = target.string() + ".restoring";
    if (const auto copied = copy_in(folder, file, copy); !copied) return Failed(copied.error());
    RestoreReport report;
    const auto refuse = [&copy](Sentence reason) {
        unlink(copy.c_str());
        return Failed(std::move(reason));
    };
    auto checked = check_database(copy.string());
    if (!checked) {
        // The copy's name means nothing to anybody.
        const std::string& text = checked.error().text;
        return refuse({file + text.substr(std::min(copy.string().size(), text.size()))});
    }
    report.database = std::move(*checked);
    if (!report.database.damage.empty()) {
        return refuse({"the backup is damaged: " + report.database.damage.front()});
    }
    if (!report.database.is_backup) return refuse({file + " is not a backup of this program"});
    {
        auto database = Database::open_existing(copy.string());
        if (!database) return refuse({"cannot open the copy"});
        const auto key = stored_file(*database, "server.key");
        const auto config = stored_file(*database, "rendezvous.toml");
        for (const auto& placed :
             {place_file(folder, folder.key_file(), key, true, report.wrote_key),
              place_file(folder, folder.config_file(), config, false, report.wrote_config)}) {
            if (!placed) return refuse(placed.error());
        }
        if (!make_current(*database)) return refuse({"cannot change the copy: " + why(*database)});
    }
    if (std::filesystem::exists(target)) {
        report.kept_as = target.string() + ".before-restore-" + std::to_string(now_ms);
        if (!set_aside(target, report.kept_as)) return refuse({"cannot rename " + target.string()});
    }
    if (!sync(copy) || std::rename(copy.c_str(), target.c_str()) != 0 || !sync(folder_of(target))) {
        return refuse({"cannot put the database into its place"});
    }
    return report;
}

}  // namespace sotto::rendezvous
