taus_test(crypto_test SOURCES crypto_hash_test.cc crypto_seal_test.cc LIBS taus_crypto)
if(TAUS_BLAKE2B_PLAIN AND TAUS_SODIUM_ARCHIVE)
  target_compile_definitions(crypto_test PRIVATE TAUS_BLAKE2B_PLAIN)
endif()
