// The fields of one JSON command, taken one by one with their types; what is left over is an error.
//
// Errors are sticky: after the first one every further field yields an empty value, so a command
// reads its fields in a row and asks once. Texts are moved out and the originals wiped, because
// some of them are passwords.
#pragma once

#include "crypto/secret.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace sotto::peer::cli {

class JsonFields {
public:
    // `object` must be a JSON object and outlive this.
    explicit JsonFields(nlohmann::json& object) : object_(object) {}

    // Required fields.
    [[nodiscard]] std::string text(const char* name);
    [[nodiscard]] crypto::SecretBytes secret(const char* name);
    // Optional fields.
    [[nodiscard]] std::optional<std::string> optional_text(const char* name);
    [[nodiscard]] std::optional<crypto::SecretBytes> optional_secret(const char* name);
    [[nodiscard]] bool flag(const char* name);
    [[nodiscard]] bool flag(const char* name, bool otherwise);
    [[nodiscard]] std::uint64_t number(const char* name, std::uint64_t otherwise);

    void fail(std::string message);
    [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
    // The first error, or a field that nobody asked for; nothing when all is well.
    [[nodiscard]] std::optional<std::string> error();

private:
    // The value of that name, removed from the object; null when it is not there.
    [[nodiscard]] std::optional<nlohmann::json> take(const char* name);

    nlohmann::json& object_;
    std::optional<std::string> error_;
};

}  // namespace sotto::peer::cli
