// SPDX-License-Identifier: MIT
// The fuzz target, compiled once for each scheme (-DLAZYMM_FUZZ_SCHEME="refcount"): libFuzzer's
// interface, which AFL++, Centipede and standalone_main.cc know too.
//
//	LAZYMM_BUG=ID		fuzz the scheme with this planted bug
//	LAZYMM_MEMORY=MODEL	sc (the default), tso or weak
//	LAZYMM_CPUS=N		always so many CPUs
//	LAZYMM_FEEDBACK=events	no reads-from pairs as features: see feedback.h
#include "fuzz/mutator.h"
#include "fuzz/target.h"

#ifndef LAZYMM_FUZZ_SCHEME
#error "say which scheme: -DLAZYMM_FUZZ_SCHEME=\"refcount\""
#endif

extern "C" {

/// The engine's own mutations; not there in a stand-alone build.
__attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size,
						   std::size_t max_size);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size, std::size_t max_size,
				    unsigned seed);
std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t *a, std::size_t a_size,
				      const std::uint8_t *b, std::size_t b_size, std::uint8_t *out,
				      std::size_t max_size, unsigned seed);

int LLVMFuzzerInitialize(int *, char ***)
{
	lazymm::fuzz::start(LAZYMM_FUZZ_SCHEME);
	return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
	lazymm::fuzz::run_input(data, size);
	return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size, std::size_t max_size,
				    unsigned seed)
{
	return lazymm::fuzz::mutate_input(data, size, max_size, seed, lazymm::fuzz::operations(),
					  LLVMFuzzerMutate);
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t *a, std::size_t a_size,
				      const std::uint8_t *b, std::size_t b_size, std::uint8_t *out,
				      std::size_t max_size, unsigned seed)
{
	return lazymm::fuzz::cross_inputs(a, a_size, b, b_size, out, max_size, seed);
}
}
