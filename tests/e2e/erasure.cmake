# What is left of a shredded client: on the disk, in memory.
if(TARGET tausd)
  taus_python_test(e2e_image SCRIPT image_test.py ARGS ${CMAKE_BINARY_DIR} TIMEOUT 600)
endif()
