#include "peer/cli/json_fields.hpp"

#include <utility>

namespace sotto::peer::cli {

namespace {

void wipe_text(std::string& text) {
    crypto::wipe(text.data(), text.size());
}

}  // namespace

std::optional<nlohmann::json> JsonFields::take(const char* name) {
    const auto found = object_.find(name);
    if (found == object_.end()) return std::nullopt;
    nlohmann::json value = std::move(*found);
    object_.erase(found);
    return value;
}

std::optional<std::string> JsonFields::optional_text(const char* name) {
    auto value = take(name);
    if (!value) return std::nullopt;
    if (!value->is_string()) {
        fail(std::string("field \"") + name + "\" must be a text");
        return std::nullopt;
    }
    return std::move(value->get_ref<std::string&>());
}

std::string JsonFields::text(const char* name) {
    auto value = optional_text(name);
    if (!value) fail(std::string("field \"") + name + "\" is missing");
    return std::move(value).value_or(std::string());
}

std::optional<crypto::SecretBytes> JsonFields::optional_secret(const char* name) {
    auto value = optional_text(name);
    if (!value) return std::nullopt;
    crypto::SecretBytes secret(value->begin(), value->end());
    wipe_text(*value);
    return secret;
}

crypto::SecretBytes JsonFields::secret(const char* name) {
    auto value = optional_secret(name);
    if (!value) fail(std::string("field \"") + name + "\" is missing");
    return std::move(value).value_or(crypto::SecretBytes());
}

bool JsonFields::flag(const char* name) {
    const auto value = take(name);
    if (value && value->is_boolean()) return value->get<bool>();
    fail(std::string("field \"") + name + "\" must be true or false");
    return false;
}

bool JsonFields::flag(const char* name, bool otherwise) {
    return object_.contains(name) ? flag(name) : otherwise;
}

std::uint64_t JsonFields::number(const char* name, std::uint64_t otherwise) {
    const auto value = take(name);
    if (!value) return otherwise;
    if (!value->is_number_unsigned()) {
        fail(std::string("field \"") + name + "\" must be a whole number from 0 up");
        return otherwise;
    }
    return value->get<std::uint64_t>();
}

void JsonFields::fail(std::string message) {
    if (!error_) error_ = std::move(message);
}

std::optional<std::string> JsonFields::error() {
    if (!error_ && !object_.empty())
        fail("field \"" + object_.begin().key() + "\" is not known here");
    return error_;
}

}  // namespace sotto::peer::cli
