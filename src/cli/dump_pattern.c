/*
 * dump_pattern.c - contents of blocks that tell where they belong.
 */
#include "dump.h"

#include <string.h>

struct words {
    uint64_t where; /* block and test */
    uint64_t what;  /* version, and a check of all */
};

uint64_t random_step(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

static struct words words_of(uint64_t block, uint32_t version, uint32_t seed)
{
    uint64_t state = block << 32 ^ seed;
    uint64_t where = random_step(&state);

    return (struct words){where, where ^ (uint64_t)version << 32 ^ version};
}

void pattern_fill(void *data, uint32_t block_size, uint64_t block, uint32_t version, uint32_t seed)
{
    const struct words words = words_of(block, version, seed);
    unsigned char *bytes = data;

    for (uint32_t i = 0; i < block_size; i += sizeof(words))
        memcpy(bytes + i, &words, sizeof(words));
}

bool pattern_read(const void *data, uint32_t block_size, uint64_t block, uint32_t seed,
                  uint32_t *ret_version)
{
    const unsigned char *bytes = data;
    struct words first, expected;

    memcpy(&first, bytes, sizeof(first));
    uint32_t version = (uint32_t)(first.where ^ first.what);
    expected = words_of(block, version, seed);
    for (uint32_t i = 0; i < block_size; i += sizeof(expected))
        if (memcmp(bytes + i, &expected, sizeof(expected)) != 0)
            return false;
    *ret_version = version;
    return true;
}
