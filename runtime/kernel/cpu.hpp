#pragma once

/// Compiles a function for the baseline and for AVX2; the program picks one when it starts.
/// Empty where that does not work: clang 14 takes no clones of templates, and a program under the
/// thread sanitizer dies before main() in the code that picks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define EF_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EF_CLONES
#endif
