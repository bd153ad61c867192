// Published test vectors (Wycheproof, CCTV, BLAKE2, Argon2, X-Wing). They are not part of this
// repository: they are found through SOTTO_VECTORS, or beside the source tree; else the tests say
// that they were skipped. This is the one test that also asks libsodium directly, for what crypto/
// does not show: plain signatures, unlabelled hashes and macs.
#include <sodium.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/password.hpp"
#include "tests/unit/crypto/party.hpp"

namespace sotto::crypto {
namespace {

using nlohmann::json;
using test::FixedRandom;

std::optional<json> load(const std::string& name) {
    const char* chosen = std::getenv("SOTTO_VECTORS");
    const std::filesystem::path folder = chosen != nullptr ? chosen : SOTTO_VECTORS_DIR;
    std::ifstream file(folder / name);
    if (!file) return std::nullopt;
    return json::parse(file);
}

#define LOAD_OR_SKIP(variable, name)                 \
    const std::optional<json> variable = load(name); \
    if (!(variable))                                 \
    GTEST_SKIP() << "test vectors " << (name) << " are not there: set SOTTO_VECTORS to their folder"

Bytes bytes_of(const json& hex) {
    return from_hex(hex.get<std::string>()).value();
}

/// Calls `check(group, test)` for each test; returns how many there were.
template <class Check>
int for_each_case(const json& file, Check check) {
    int count = 0;
    for (const json& group : file.at("testGroups"))
        for (const json& one : group.at("tests")) {
            SCOPED_TRACE("tcId " + one.at("tcId").dump());
            check(group, one);
            ++count;
        }
    return count;
}

TEST(Vectors, WycheproofX25519) {
    LOAD_OR_SKIP(file, "wycheproof/x25519_test.json");
    int refused = 0;
    const int count = for_each_case(*file, [&](const json&, const json& t) {
        const Secret<32> scalar(ByteView(bytes_of(t["private"])).first<32>());
        const Bytes point = bytes_of(t["public"]);
        const auto shared = x25519(scalar, ByteView(point).first<32>());
        const Bytes expected = bytes_of(t["shared"]);
        if (expected == Bytes(32, 0)) {
            EXPECT_FALSE(shared);
            ++refused;
            return;
        }
        ASSERT_TRUE(shared);
        EXPECT_TRUE(equal(shared->view(), expected));
    });
    EXPECT_EQ(count, 518);
    EXPECT_EQ(refused, 31);
}

TEST(Vectors, WycheproofHkdfSha512) {
    LOAD_OR_SKIP(file, "wycheproof/hkdf_sha512_test.json");
    const int count = for_each_case(*file, [](const json&, const json& t) {
        if (t["result"] != "valid") return;  // asks for more than 255 blocks: our own bug
        Bytes out(t["size"].get<std::size_t>());
        hkdf(bytes_of(t["salt"]), bytes_of(t["ikm"]), bytes_of(t["info"]), out);
        EXPECT_EQ(out, bytes_of(t["okm"]));
    });
    EXPECT_EQ(count, 83);
}

ByteArray<32> hmac_sha256(ByteView key, ByteView message) {
    ByteArray<32> tag;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, message.data(), message.size());
    crypto_auth_hmacsha256_final(&state, tag.data());
    return tag;
}

/// RFC 5869 over libsodium's HMAC-SHA-256, the one the ratchet's chains are made with; nothing when
/// the RFC allows no such length. Sotto has no HKDF-SHA-256 of its own.
std::optional<Bytes> hkdf_sha256(ByteView salt, ByteView ikm, ByteView info, std::size_t size) {
    if (size > 255 * 32) return std::nullopt;
    const auto prk = hmac_sha256(salt.empty() ? Bytes(32) : Bytes(salt.begin(), salt.end()), ikm);
    Bytes out;
    Bytes block;
    for (std::uint8_t n = 1; out.size() < size; ++n) {
        block.insert(block.end(), info.begin(), info.end());
        block.push_back(n);
        const auto next = hmac_sha256(prk, block);
        block.assign(next.begin(), next.end());
        out.insert(out.end(), next.begin(), next.end());
    }
    out.resize(size);
    return out;
}

TEST(Vectors, WycheproofHkdfSha256) {
    LOAD_OR_SKIP(file, "wycheproof/hkdf_sha256_test.json");
    int refused = 0;
    const int count = for_each_case(*file, [&](const json&, const json& t) {
        const auto out = hkdf_sha256(bytes_of(t["salt"]), bytes_of(t["ikm"]), bytes_of(t["info"]),
                                     t["size"].get<std::size_t>());
        EXPECT_EQ(out.has_value(), t["result"] == "valid");
        if (out)
            EXPECT_EQ(*out, bytes_of(t["okm"]));
        else
            ++refused;
    });
    EXPECT_EQ(count, 86);
    EXPECT_EQ(refused, 3);
}

// Extract is HMAC-SHA-512 with the salt as its key: so this is our own code.
TEST(Vectors, WycheproofHmacSha512) {
    LOAD_OR_SKIP(file, "wycheproof/hmac_sha512_test.json");
    const int count = for_each_case(*file, [](const json& group, const json& t) {
        const Secret<64> tag = hkdf_extract(bytes_of(t["key"]), bytes_of(t["msg"]));
        const std::size_t size = group["tagSize"].get<std::size_t>() / 8;
        EXPECT_EQ(equal(tag.view().first(size), bytes_of(t["tag"])), t["result"] == "valid");
    });
    EXPECT_EQ(count, 174);
}

TEST(Vectors, WycheproofHmacSha256) {
    LOAD_OR_SKIP(file, "wycheproof/hmac_sha256_test.json");
    const int count = for_each_case(*file, [](const json& group, const json& t) {
        const Bytes key = bytes_of(t["key"]);
        const Bytes message = bytes_of(t["msg"]);
        const ByteArray<32> tag = hmac_sha256(key, message);
        const std::size_t size = group["tagSize"].get<std::size_t>() / 8;
        EXPECT_EQ(equal(ByteView(tag).first(size), bytes_of(t["tag"])), t["result"] == "valid");
        // Ours, where the shapes fit.
        if (key.size() == 32 && message.size() == 1 && size == 32) {
            const Secret<32> chain(ByteView(key).first<32>());
            EXPECT_EQ(equal(chain_hmac(chain, message[0]).view(), tag), true);
        }
    });
    EXPECT_EQ(count, 174);
}

TEST(Vectors, WycheproofXChaCha20Poly1305) {
    LOAD_OR_SKIP(file, "wycheproof/xchacha20_poly1305_test.json");
    int wrong_nonce_size = 0;
    const int count = for_each_case(*file, [&](const json&, const json& t) {
        const Bytes iv = bytes_of(t["iv"]);
        if (iv.size() != aead_nonce_size) {  // does not even compile with our types
            ++wrong_nonce_size;
            EXPECT_NE(t["result"], "valid");
            return;
        }
        const Secret<32> key(ByteView(bytes_of(t["key"])).first<32>());
        const AeadNonce nonce = AeadNonce::from_wire(ByteView(iv).first<aead_nonce_size>());
        const Bytes plain = bytes_of(t["msg"]);
        Bytes sealed = bytes_of(t["ct"]);
        const Bytes tag = bytes_of(t["tag"]);
        sealed.insert(sealed.end(), tag.begin(), tag.end());
        Bytes out(plain.size());
        const bool opened = aead_open(out, key, nonce, bytes_of(t["aad"]), sealed);
        EXPECT_EQ(opened, t["result"] == "valid");
        if (!opened) return;
        EXPECT_EQ(out, plain);
        Bytes again;
        aead_seal(again, key, nonce, bytes_of(t["aad"]), plain);
        EXPECT_EQ(again, sealed);
    });
    EXPECT_EQ(count, 315);
    EXPECT_EQ(wrong_nonce_size, 9);
}

// The cipher inside XChaCha20-Poly1305, after HChaCha20 has made the key; Sotto never uses it so.
TEST(Vectors, WycheproofChaCha20Poly1305) {
    LOAD_OR_SKIP(file, "wycheproof/chacha20_poly1305_test.json");
    int wrong_nonce_size = 0;
    const int count = for_each_case(*file, [&](const json&, const json& t) {
        const Bytes nonce = bytes_of(t["iv"]);
        if (nonce.size() != crypto_aead_chacha20poly1305_ietf_NPUBBYTES) {  // no such call
            ++wrong_nonce_size;
            EXPECT_NE(t["result"], "valid");
            return;
        }
        const Bytes key = bytes_of(t["key"]);
        const Bytes aad = bytes_of(t["aad"]);
        const Bytes plain = bytes_of(t["msg"]);
        const Bytes tag = bytes_of(t["tag"]);
        const Bytes cipher = bytes_of(t["ct"]);
        // libsodium wants no null pointer, not even for nothing.
        const auto at = [](const Bytes& bytes) {
            static constexpr std::uint8_t none = 0;
            return bytes.empty() ? &none : bytes.data();
        };
        ASSERT_EQ(tag.size(), crypto_aead_chacha20poly1305_ietf_ABYTES);
        Bytes out(plain.size() + 1);
        const bool opened = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                                out.data(), nullptr, at(cipher), cipher.size(), tag.data(), at(aad),
                                aad.size(), nonce.data(), key.data()) == 0;
        EXPECT_EQ(opened, t["result"] == "valid");
        if (!opened) return;
        EXPECT_TRUE(equal(ByteView(out).first(plain.size()), plain));
        Bytes again(plain.size() + 1);
        ByteArray<crypto_aead_chacha20poly1305_ietf_ABYTES> again_tag;
        crypto_aead_chacha20poly1305_ietf_encrypt_detached(
            again.data(), again_tag.data(), nullptr, at(plain), plain.size(), at(aad), aad.size(),
            nullptr, nonce.data(), key.data());
        EXPECT_TRUE(equal(ByteView(again).first(plain.size()), cipher));
        EXPECT_TRUE(equal(again_tag, tag));
    });
    EXPECT_EQ(count, 325);
    EXPECT_EQ(wrong_nonce_size, 9);
}

bool sodium_verifies(const Bytes& key, const Bytes& message, const Bytes& signature) {
    if (key.size() != 32 || signature.size() != 64) return false;
    const std::uint8_t none = 0;
    return crypto_sign_verify_detached(signature.data(), message.empty() ? &none : message.data(),
                                       message.size(), key.data()) == 0;
}

TEST(Vectors, WycheproofEd25519) {
    LOAD_OR_SKIP(file, "wycheproof/ed25519_test.json");
    const int count = for_each_case(*file, [](const json& group, const json& t) {
        const Bytes key = bytes_of(group["publicKey"]["pk"]);
        EXPECT_EQ(sodium_verifies(key, bytes_of(t["msg"]), bytes_of(t["sig"])),
                  t["result"] == "valid");
    });
    EXPECT_EQ(count, 151);
}

// Signatures on which libraries differ: libsodium takes exactly these. A change would mean that two
// builds of ours disagree on what is signed.
TEST(Vectors, CctvEd25519) {
    LOAD_OR_SKIP(file, "cctv/ed25519vectors.json");
    int accepted = 0;
    for (const json& t : *file) {
        const Bytes message = test::text(t["msg"].get<std::string>());
        accepted += sodium_verifies(bytes_of(t["key"]), message, bytes_of(t["sig"])) ? 1 : 0;
    }
    EXPECT_EQ(file->size(), 914U);
    EXPECT_EQ(accepted, 43);
}

TEST(Vectors, SpeccheckEd25519) {
    LOAD_OR_SKIP(file, "speccheck/cases.json");
    std::vector<std::size_t> accepted;
    for (std::size_t i = 0; i < file->size(); ++i) {
        const json& t = (*file)[i];
        if (sodium_verifies(bytes_of(t["pub_key"]), bytes_of(t["message"]),
                            bytes_of(t["signature"])))
            accepted.push_back(i);
    }
    EXPECT_EQ(accepted, std::vector<std::size_t>{3});
}

TEST(Vectors, Blake2b) {
    LOAD_OR_SKIP(file, "blake2/blake2b-kat.json");
    for (const json& t : *file) {
        const Bytes input = bytes_of(t["in"]);
        const Bytes key = bytes_of(t["key"]);
        ByteArray<64> out;
        const std::uint8_t none = 0;
        ASSERT_EQ(crypto_generichash(out.data(), out.size(), input.empty() ? &none : input.data(),
                                     input.size(), key.empty() ? nullptr : key.data(), key.size()),
                  0);
        EXPECT_EQ(to_hex(out), t["out"].get<std::string>());
    }
    EXPECT_EQ(file->size(), 512U);
}

TEST(Vectors, XWing) {
    if (!hybrid_available()) GTEST_SKIP() << "this libsodium has no X-Wing";
    LOAD_OR_SKIP(file, "xwing/test-vectors.json");
    for (const json& t : *file) {
        const Secret<32> seed(ByteView(bytes_of(t["seed"])).first<32>());
        const OwnPq own = OwnPq::from_secret(seed);
        EXPECT_TRUE(equal(own.public_key().view(), bytes_of(t["pk"])));
        FixedRandom random(bytes_of(t["eseed"]));
        const auto sent = kem_encapsulate(own.public_key().view(), random);
        ASSERT_TRUE(sent);
        EXPECT_EQ(sent->ciphertext, bytes_of(t["ct"]));
        EXPECT_TRUE(equal(sent->shared.view(), bytes_of(t["ss"])));
        EXPECT_EQ(kem_decapsulate(own.secret(), sent->ciphertext), sent->shared);
    }
    EXPECT_EQ(file->size(), 3U);
}

// ML-KEM-768 stands inside X-Wing, which keeps its keys to itself: so libsodium's own is asked.
#ifdef SOTTO_HAVE_XWING
TEST(Vectors, WycheproofMlKem768) {
    LOAD_OR_SKIP(file, "wycheproof/mlkem_768_test.json");
    int wrong_size = 0;
    const int count = for_each_case(*file, [&](const json&, const json& t) {
        const Bytes seed = bytes_of(t["seed"]);
        const Bytes ciphertext = bytes_of(t["c"]);
        if (seed.size() != crypto_kem_mlkem768_SEEDBYTES ||
            ciphertext.size() != crypto_kem_mlkem768_CIPHERTEXTBYTES) {  // no such call
            ++wrong_size;
            EXPECT_NE(t["result"], "valid");
            return;
        }
        ByteArray<crypto_kem_mlkem768_PUBLICKEYBYTES> pk;
        Secret<crypto_kem_mlkem768_SECRETKEYBYTES> sk;
        Secret<32> shared;
        ASSERT_EQ(crypto_kem_mlkem768_seed_keypair(pk.data(), sk.writable().data(), seed.data()),
                  0);
        EXPECT_TRUE(equal(pk, bytes_of(t["ek"])));
        ASSERT_EQ(
            crypto_kem_mlkem768_dec(shared.writable().data(), ciphertext.data(), sk.view().data()),
            0);  // a ciphertext that is not for this key: implicit rejection, a K as well
        EXPECT_EQ(equal(shared.view(), bytes_of(t["K"])), t["result"] == "valid");
    });
    EXPECT_EQ(count, 193);
    EXPECT_EQ(wrong_size, 40);
}

// Keys as others store them, 2400 bytes: Sotto keeps the 32-byte seed, so only what a right key
// makes of a ciphertext concerns it. Wrong sizes and keys that contradict themselves never come.
TEST(Vectors, WycheproofMlKem768Decapsulation) {
    LOAD_OR_SKIP(file, "wycheproof/mlkem_768_semi_expanded_decaps_test.json");
    int checked = 0;
    for_each_case(*file, [&](const json&, const json& t) {
        if (t["result"] != "valid") return;
        const Bytes dk = bytes_of(t["dk"]);
        const Bytes ciphertext = bytes_of(t["c"]);
        ASSERT_EQ(dk.size(), crypto_kem_mlkem768_SECRETKEYBYTES);
        ASSERT_EQ(ciphertext.size(), crypto_kem_mlkem768_CIPHERTEXTBYTES);
        Secret<32> shared;
        ASSERT_EQ(crypto_kem_mlkem768_dec(shared.writable().data(), ciphertext.data(), dk.data()),
                  0);
        EXPECT_TRUE(equal(shared.view(), bytes_of(t["K"])));
        ++checked;
    });
    EXPECT_EQ(checked, 3);
}
#else
TEST(Vectors, WycheproofMlKem768) {
    GTEST_SKIP() << "this libsodium has no ML-KEM";
}
#endif

// Two lanes and salts of 8 bytes can be asked for through a stored password only, not by our code.
TEST(Vectors, Argon2idThroughSodium) {
    LOAD_OR_SKIP(file, "argon2/argon2id_phc_testc.json");
    int checked = 0;
    for (const json& t : file->at("tests")) {
        const std::string password = t["password"];
        std::string stored = t["encoded"];
        stored.resize(crypto_pwhash_STRBYTES);
        EXPECT_EQ(crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()), 0);
        ++checked;
    }
    EXPECT_EQ(checked, 8);
}

TEST(Vectors, Argon2idOfOurs) {
    LOAD_OR_SKIP(file, "argon2/argon2id_libsodium.json");
    int checked = 0;
    for (const json& t : file->at("tests")) {
        const Bytes password = bytes_of(t["passwd_hex"]);
        const Bytes salt = bytes_of(t["salt_hex"]);
        const std::size_t size = t["outlen"].get<std::size_t>();
        if (t["result"] != "valid") continue;  // an output of 5 bytes, which we never ask for
        // The output length enters Argon2, so only the library itself can be asked for all lengths.
        Bytes out(size);
        ASSERT_EQ(crypto_pwhash(out.data(), size, reinterpret_cast<const char*>(password.data()),
                                password.size(), salt.data(), t["opslimit"].get<std::uint64_t>(),
                                t["memlimit"].get<std::size_t>(), crypto_pwhash_ALG_ARGON2ID13),
                  0);
        EXPECT_EQ(out, bytes_of(t["out_hex"]));
        const PasswordCost cost{.ops = t["opslimit"].get<std::uint32_t>(),
                                .memory = t["memlimit"].get<std::uint64_t>()};
        ByteArray<32> direct;
        ASSERT_EQ(crypto_pwhash(direct.data(), direct.size(),
                                reinterpret_cast<const char*>(password.data()), password.size(),
                                salt.data(), cost.ops, static_cast<std::size_t>(cost.memory),
                                crypto_pwhash_ALG_ARGON2ID13),
                  0);
        const auto ours = stretch_password(password, ByteView(salt).first<16>(), cost);
        ASSERT_TRUE(ours);
        EXPECT_TRUE(equal(ours->view(), direct));
        ++checked;
    }
    EXPECT_EQ(checked, 7);
}

}  // namespace
}  // namespace sotto::crypto
