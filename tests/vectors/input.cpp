#include "tests/vectors/input.hpp"

#include <stdexcept>

namespace sotto::vectors {

using namespace crypto;

void FixedRandom::fill(std::span<std::uint8_t> out) {
    if (used_ + out.size() > bytes_.size())
        throw std::runtime_error("the input has too few random bytes");
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    used_ += out.size();
}

void agree(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(std::string("computed two ways, differs: ") + what);
}

std::string hex(ByteView bytes) {
    return to_hex(bytes);
}

Bytes bytes_of(const Json& object, const char* name) {
    auto bytes = from_hex(object.at(name).get<std::string>());
    if (!bytes) throw std::runtime_error(std::string(name) + " is not hex");
    return *std::move(bytes);
}

Bytes bytes_of(const Json& object, const char* name, std::size_t size) {
    Bytes bytes = bytes_of(object, name);
    if (bytes.size() != size)
        throw std::runtime_error(std::string(name) + " must have " + std::to_string(size) +
                                 " bytes");
    return bytes;
}

Secret<32> secret_of(const Json& object, const char* name) {
    const Bytes bytes = bytes_of(object, name, 32);
    return Secret<32>(ByteView(bytes).first<32>());
}

namespace {

Cert cert_of(const Json& object, const OwnAccountKey& amk, const OwnDsk& dsk, const OwnDik& dik) {
    const Bytes device = bytes_of(object, "device_id", DeviceId::size);
    return Cert::create(amk, dsk,
                        {.device = *DeviceId::from(device),
                         .dik = dik.public_key(),
                         .suites = SuiteSet(object.at("suites").get<std::uint16_t>()),
                         .min_suite = object.at("min_suite").get<std::uint8_t>(),
                         .created_ms = object.at("created_ms").get<std::uint64_t>()});
}

std::optional<OwnPqPreKey> pqspk_of(const Json& object) {
    if (!object.contains("pqspk")) return std::nullopt;
    if (!hybrid_available()) throw std::runtime_error("this libsodium has no X-Wing");
    return OwnPqPreKey{.id = object.at("pqspk_id").get<std::uint32_t>(),
                       .key = OwnPq::from_secret(secret_of(object, "pqspk"))};
}

std::optional<OwnOneTimePreKey> one_time_of(const Json& object) {
    if (!object.contains("opk")) return std::nullopt;
    return OwnOneTimePreKey{
        .id = object.at("opk_id").get<std::uint32_t>(),
        .key = OwnOpk::from_secret(secret_of(object, "opk")),
        .pq = object.contains("pqopk")
                  ? std::optional(OwnPq::from_secret(secret_of(object, "pqopk")))
                  : std::nullopt};
}

}  // namespace

Side::Side(const Json& object)
    : amk(OwnAccountKey::from_seed(secret_of(object, "amk_seed"))),
      dsk(OwnDsk::from_seed(secret_of(object, "dsk_seed"))),
      dik(OwnDik::from_secret(secret_of(object, "dik"))),
      cert(cert_of(object, amk, dsk, dik)),
      dev_list(DevList::first(amk,
                              {{.device = cert.device(), .cert = cert.hash(), .primary = true}},
                              object.at("created_ms").get<std::uint64_t>())) {}

Prekeys::Prekeys(const Json& object, const Side& owner)
    : spk{.id = object.at("spk_id").get<std::uint32_t>(),
          .key = OwnSpk::from_secret(secret_of(object, "spk"))},
      mbk{.id = object.at("mbk_id").get<std::uint32_t>(),
          .key = OwnMbk::from_secret(secret_of(object, "mbk"))},
      pqspk(pqspk_of(object)),
      one_time(one_time_of(object)),
      prerec(PreRec::create(owner.dsk, owner.cert,
                            {.seq = object.at("prerec_seq").get<std::uint64_t>(),
                             .suite_floor = object.at("suite_floor").get<std::uint8_t>(),
                             .spk_id = spk.id,
                             .spk = spk.key.public_key(),
                             .mbk_id = mbk.id,
                             .mbk = mbk.key.public_key(),
                             .pq_id = pqspk ? pqspk->id : 0,
                             .pq = pqspk ? std::optional(pqspk->key.public_key()) : std::nullopt,
                             .created_ms = owner.cert.created_ms(),
                             .not_after_ms = owner.cert.created_ms() + prekey_validity_ms})),
      opk_rec(one_time ? std::optional(publish(owner.dsk, owner.cert, *one_time)) : std::nullopt) {}

}  // namespace sotto::vectors
