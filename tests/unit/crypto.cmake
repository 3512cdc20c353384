taus_test(crypto_test SOURCES crypto_hash_test.cc crypto_seal_test.cc LIBS taus_crypto)
