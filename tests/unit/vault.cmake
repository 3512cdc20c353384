taus_test(vault_test
  SOURCES vault_node_test.cc vault_key_test.cc vault_crash_test.cc vault_adversary_test.cc vault_model_test.cc
          vault_rawslot_test.cc vault_delta_test.cc vault_copy_test.cc vault_replica_test.cc vault_escrow_test.cc vault_bulk_test.cc
  LIBS taus_vault rapidcheck)

# Starts a TPM of its own in software (packages swtpm, swtpm-tools).
taus_test(vault_tpm2_test SOURCES vault_tpm2_test.cc LIBS taus_vault)
target_compile_definitions(vault_tpm2_test PRIVATE TAUS_TEST_PYTHON="${TAUS_PYTHON}"
  TAUS_TEST_PROXY="${CMAKE_SOURCE_DIR}/tests/support/tpm_proxy.py")
