#include "eventstore/vault/tpm2_nv.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <poll.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "eventstore/vault/root_record.h"

namespace taus::vault {
namespace {

constexpr std::size_t password_bytes_max = 32;  // of SHA-256, the name algorithm of the indices
constexpr TPMA_NV attributes = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA;

// An answer's code without the number of the handle, session or parameter that it is about.
TSS2_RC kind_of(TSS2_RC code) { return (code & TPM2_RC_FMT1) != 0 ? code & (TPM2_RC_FMT1 | 0x3f) : code; }

bool asks_to_wait(TSS2_RC code) {
  return code == TPM2_RC_RETRY || code == TPM2_RC_NV_RATE || code == TPM2_RC_YIELDED || code == TPM2_RC_TESTING;
}

std::string hex(std::uint32_t number) {
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), "0x%08x", number);
  return out.data();
}

void wait_a_little(int milliseconds) { static_cast<void>(::poll(nullptr, 0, milliseconds)); }

// The connection, with what must be given back.
class Tpm {
 public:
  explicit Tpm(Tpm2NvOptions options) : options_(std::move(options)) {}
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;
  ~Tpm() {
    if (esys_ != nullptr) Esys_Finalize(&esys_);
    if (tcti_ != nullptr) Tss2_TctiLdr_Finalize(&tcti_);
    crypto::wipe(options_.password);
  }

  Result<void> open() {
    ::setenv("TSS2_LOG", "all+none", 0);  // what the TPM says is told by us
    if (Tss2_TctiLdr_Initialize(options_.tcti.c_str(), &tcti_) != TSS2_RC_SUCCESS ||
        Esys_Initialize(&esys_, tcti_, nullptr) != TSS2_RC_SUCCESS) {
      return Error(ErrorCode::unavailable,
                   "no TPM answers at \"" + options_.tcti + "\"; check that it is there and that taus may open it");
    }
    return {};
  }

  // What the TPM says at last, having asked to wait or not.
  template <class Call>
  TSS2_RC ask(Call call) {
    TSS2_RC code = TSS2_RC_SUCCESS;
    for (int attempt = 0; attempt < tpm_attempts_max; ++attempt) {
      code = call(esys_);
      if (!asks_to_wait(code)) return code;
      options_.wait(tpm_wait_milliseconds);
    }
    return code;
  }

  [[nodiscard]] const Tpm2NvOptions& options() const { return options_; }

 private:
  Tpm2NvOptions options_;
  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
};

Error refused(TSS2_RC code, const char* what, std::uint32_t index) {
  const std::string place = " NV index " + hex(index) + " of the TPM";
  const TSS2_RC kind = kind_of(code);
  if (kind == kind_of(TPM2_RC_AUTH_FAIL) || kind == kind_of(TPM2_RC_BAD_AUTH)) {
    return {ErrorCode::unauthorized, "the password does not fit" + place + "; give taus the one the index was made with"};
  }
  if (asks_to_wait(code))
    return {ErrorCode::unavailable, std::string("the TPM is too busy to ") + what + place + "; start taus again later"};
  return {ErrorCode::io,
          std::string("the TPM refused to ") + what + place + " (code " + hex(code) + "); look it up with tpm2_rc_decode"};
}

TPM2B_AUTH auth_of(const Bytes& password) {
  TPM2B_AUTH auth{};
  auth.size = static_cast<UINT16>(password.size());
  std::copy(password.begin(), password.end(), auth.buffer);
  return auth;
}

// One NV index of a root record's size.
class Index {
 public:
  Index(Tpm& tpm, std::uint32_t number) : tpm_(tpm), number_(number) {}

  Result<void> open() {
    const TSS2_RC found = tpm_.ask([this](ESYS_CONTEXT* esys) {
      return Esys_TR_FromTPMPublic(esys, number_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle_);
    });
    if (kind_of(found) == kind_of(TPM2_RC_HANDLE)) {
      TAUS_TRY(define());
    } else if (found != TSS2_RC_SUCCESS) {
      return refused(found, "find", number_);
    }
    TPM2B_AUTH auth = auth_of(tpm_.options().password);
    const TSS2_RC known = tpm_.ask([&](ESYS_CONTEXT* esys) { return Esys_TR_SetAuth(esys, handle_, &auth); });
    crypto::wipe(auth.buffer);
    if (known != TSS2_RC_SUCCESS) return refused(known, "use", number_);
    TAUS_TRY(is_ours());
    if (found != TSS2_RC_SUCCESS) return put(Bytes(root_record_bytes, 0));
    TAUS_TRY_ASSIGN(Bytes present, get());  // the password is tried before anything rests on it
    crypto::wipe(present);
    return {};
  }

  // Zeros where nothing was ever written.
  Result<Bytes> get() {
    TPM2B_MAX_NV_BUFFER* data = nullptr;
    const TSS2_RC code = tpm_.ask([&](ESYS_CONTEXT* esys) {
      return Esys_NV_Read(esys, handle_, handle_, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, root_record_bytes, 0, &data);
    });
    if (code == TPM2_RC_NV_UNINITIALIZED) return Bytes(root_record_bytes, 0);
    if (code != TSS2_RC_SUCCESS) return refused(code, "read", number_);
    Bytes out(data->buffer, data->buffer + data->size);
    crypto::wipe(data->buffer);
    Esys_Free(data);
    if (out.size() != root_record_bytes) return Error(ErrorCode::io, "the TPM gave too few bytes of NV index " + hex(number_));
    return out;
  }

  // Written whole and read back.
  Result<void> put(const Bytes& bytes) {
    TPM2B_MAX_NV_BUFFER data{};
    data.size = static_cast<UINT16>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), data.buffer);
    const TSS2_RC code = tpm_.ask([&](ESYS_CONTEXT* esys) {
      return Esys_NV_Write(esys, handle_, handle_, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data, 0);
    });
    crypto::wipe(data.buffer);
    if (code != TSS2_RC_SUCCESS) return refused(code, "write", number_);
    TAUS_TRY_ASSIGN(Bytes again, get());
    const bool same = crypto::equal(again, bytes);
    crypto::wipe(again);
    if (!same)
      return Error(ErrorCode::io, "NV index " + hex(number_) + " of the TPM does not hold what was written; replace the TPM");
    return {};
  }

 private:
  Result<void> define() {
    TPM2B_AUTH auth = auth_of(tpm_.options().password);
    TPM2B_NV_PUBLIC area{};
    area.nvPublic.nvIndex = number_;
    area.nvPublic.nameAlg = TPM2_ALG_SHA256;
    area.nvPublic.attributes = attributes;
    area.nvPublic.dataSize = root_record_bytes;
    const TSS2_RC code = tpm_.ask([&](ESYS_CONTEXT* esys) {
      return Esys_NV_DefineSpace(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &auth, &area, &handle_);
    });
    crypto::wipe(auth.buffer);
    if (kind_of(code) == kind_of(TPM2_RC_AUTH_FAIL) || kind_of(code) == kind_of(TPM2_RC_BAD_AUTH)) {
      return Error(ErrorCode::unauthorized, "the TPM's owner has a password, so taus cannot make NV index " + hex(number_) +
                                                "; make it by hand (docs/OPERATIONS.md) and start again");
    }
    if (code != TSS2_RC_SUCCESS) return refused(code, "make", number_);
    return {};
  }

  [[nodiscard]] Result<void> is_ours() {
    TPM2B_NV_PUBLIC* area = nullptr;
    const TSS2_RC code = tpm_.ask([&](ESYS_CONTEXT* esys) {
      return Esys_NV_ReadPublic(esys, handle_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &area, nullptr);
    });
    if (code != TSS2_RC_SUCCESS) return refused(code, "look at", number_);
    const bool ours =
        area->nvPublic.dataSize == root_record_bytes && (area->nvPublic.attributes & ~TPMA_NV_WRITTEN) == attributes;
    Esys_Free(area);
    if (ours) return {};
    return Error(ErrorCode::invalid_argument,
                 "NV index " + hex(number_) + " of the TPM is not a root store of taus; choose another index");
  }

  Tpm& tpm_;
  std::uint32_t number_;
  ESYS_TR handle_ = ESYS_TR_NONE;
};

class Tpm2Nv final : public RootStore {
 public:
  explicit Tpm2Nv(Tpm2NvOptions options)
      : tpm_(std::move(options)),
        indices_{Index(tpm_, tpm_.options().first_index), Index(tpm_, tpm_.options().first_index + 1)} {}

  Result<void> open() {
    TAUS_TRY(tpm_.open());
    for (Index& index : indices_) TAUS_TRY(index.open());
    return {};
  }
  // An index that cannot be read stops everything: nothing is wrong with its content as far as anybody knows.
  Result<Slots> read_all() override {
    Slots out;
    for (std::size_t slot = 0; slot < 2; ++slot) {
      TAUS_TRY_ASSIGN(Bytes bytes, indices_.at(slot).get());
      out.blank.at(slot) = std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
      out.records.at(slot) = decode_root_record(bytes);
      crypto::wipe(bytes);
    }
    return out;
  }
  Result<void> write(int slot, const RootRecord& record) override {
    Bytes bytes = encode(record);
    const Result<void> done = indices_.at(static_cast<std::size_t>(slot)).put(bytes);
    crypto::wipe(bytes);
    return done;
  }
  Result<void> erase(int slot) override { return indices_.at(static_cast<std::size_t>(slot)).put(Bytes(root_record_bytes, 0)); }
  [[nodiscard]] Tier tier() const override { return on_the_machine() ? Tier::physical : Tier::logical; }
  [[nodiscard]] std::string kind() const override { return "tpm2-nv"; }
  [[nodiscard]] std::string warning() const override {
    if (on_the_machine()) return {};
    return "the root store's TPM (" + tpm_.options().tcti +
           ") is a program that keeps its state in a file; use a TPM of the machine";
  }

 private:
  [[nodiscard]] bool on_the_machine() const { return tpm_.options().tcti.starts_with("device:"); }

  Tpm tpm_;
  std::array<Index, 2> indices_;
};

}  // namespace

Result<std::unique_ptr<RootStore>> open_tpm2_nv(Tpm2NvOptions options) {
  if (options.password.empty() || options.password.size() > password_bytes_max) {
    return Error(ErrorCode::invalid_argument, "the password of the TPM's indices must have 1 to 32 bytes");
  }
  if (!options.wait) options.wait = wait_a_little;
  auto store = std::make_unique<Tpm2Nv>(std::move(options));
  TAUS_TRY(store->open());
  return std::unique_ptr<RootStore>(std::move(store));
}

}  // namespace taus::vault
