"""The arrows and the foreign headers: which folder may include which, and who may meet a foreign library.

docs/ARCHITECTURE.md shows the same as a picture. A new folder or library needs a line here, and a reason in its commit.
"""
import re

_BASE = ["eventstore/base"]
_LOWER = _BASE + ["eventstore/crypto", "eventstore/storage", "eventstore/schema"]
_STORE = _LOWER + ["eventstore/vault", "eventstore/journal", "eventstore"]
_BELOW_RUNTIME = _STORE + ["projections", "daemon/protocol", "daemon/policy", "daemon/service"]

# folder -> folders its files may include, besides itself. "eventstore" and "daemon" mean the files directly in them.
ARROWS = {
    "eventstore/base": [],
    "eventstore/crypto": _BASE,
    "eventstore/storage": _BASE,
    "eventstore/schema": _BASE,
    "eventstore/vault": _LOWER,
    "eventstore/journal": _LOWER,
    "eventstore": _LOWER + ["eventstore/vault", "eventstore/journal"],
    "projections": _STORE,
    "daemon/protocol": _BASE + ["eventstore/schema"],
    "daemon/policy": _STORE + ["projections"],
    "daemon/service": _STORE + ["projections", "daemon/protocol", "daemon/policy"],
    "daemon/runtime": _BELOW_RUNTIME,
    "daemon/net": _BELOW_RUNTIME + ["daemon/runtime"],
    "daemon": _BELOW_RUNTIME + ["daemon/runtime", "daemon/net"],
    "tools": _BELOW_RUNTIME,
}

_TYPES = r"(eventstore/schema|projections|daemon/(protocol|policy|service)|tools|tests)/"
_THREADS = r"daemon/runtime/|tests/|tools/bench"

# (what is included, where it may be, why)
FOREIGN = [
    (r"sodium(/.*)?\.h", r"eventstore/crypto/[^/]+\.cc$", "libsodium is met in eventstore/crypto only"),
    (r"openssl/.*", r"eventstore/crypto/[^/]+\.cc$", "OpenSSL is met in eventstore/crypto only"),
    (r"rocksdb/.*", r"eventstore/storage/rocks_[^/]+$|tests/e2e/taus_dump\.cc$", "nothing above storage/ knows RocksDB"),
    (r"tss2/.*", r"eventstore/vault/tpm2_nv\.cc$", "the TPM is met in vault/tpm2_nv.cc only"),
    (r"(capnp|kj)/.*|.*\.capnp\.h", _TYPES, "Cap'n Proto stays in schema, protocol and the users of generated types"),
    (r"boost/(asio|beast|system)\b.*", r"daemon/net/|daemon/main\.cc$", "Asio is met in daemon/net and main.cc only"),
    (r"spdlog/.*|fmt/.*", r"daemon/([^/]+|net/.*|runtime/.*)$", "libraries return errors; only the daemon logs"),
    (r"toml\+\+(/.*|\.h)|toml\.hpp", r"daemon/config\.cc$|daemon/policy/toml_tree\.cc$", "TOML is read in config.cc and policy/toml_tree.cc"),
    (r"utf8proc\.h", r"eventstore/base/(search_key|terminal_columns)\.cc$", "Unicode is folded and measured in base/search_key.cc and base/terminal_columns.cc only"),
    (r"date/.*", r"eventstore/base/zone\.cc$|tests/", "the zone's rules are met in base/zone.cc only"),
    (r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token", _THREADS, "threads live in daemon/runtime"),
    (r"CLI/.*", r"daemon/main\.cc$|tools/", "command lines are read in main.cc and tools"),
    (r"nlohmann/.*", r"tools/|tests/|daemon/policy/facts_json\.cc$", "the product's JSON is eventstore/schema's strict reader and writer"),
    (r"libical/.*", r"tools/ical_writer\.cc$", "iCalendar is written in ical_writer.cc only"),
    (r"systemd/.*", r"daemon/[^/]+\.cc$", "systemd is told by the daemon's top-level files"),
    (r"(gtest|gmock|rapidcheck)(/.*|\.h)", r"tests/", "test libraries stay in tests"),
    (r"benchmark/.*", r"tests/|tools/bench", "benchmarks stay in bench"),
]

# Angle includes with a slash that are the system's.
SYSTEM = re.compile(r"(sys|linux|netinet|arpa|asm|bits)/")


def folder_of(path):
    """The layer a file belongs to: the longest folder of ARROWS that holds it, or None (tests)."""
    parts = path.split("/")[:-1]
    while parts:
        if "/".join(parts) in ARROWS:
            return "/".join(parts)
        parts.pop()
    return None
