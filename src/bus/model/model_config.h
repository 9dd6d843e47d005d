/*
 * model_config.h - fields of a model's config space, which is bytes in the order of PCI.
 *
 * A model keeps two of them: what is there, and which bits a write changes. So the behaviour of
 * every field is in the one place where the field is laid out.
 */
#ifndef STORHOST_BUS_MODEL_MODEL_CONFIG_H
#define STORHOST_BUS_MODEL_MODEL_CONFIG_H

#include <stdint.h>

static inline void model_config_set(uint8_t *space, unsigned offset, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++)
        space[offset + i] = (uint8_t)(value >> (8 * i));
}

static inline uint32_t model_config_get(const uint8_t *space, unsigned offset, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)space[offset + i] << (8 * i);
    return value;
}

/* What a write leaves of a field. */
static inline void model_config_write(uint8_t *space, const uint8_t *writable, unsigned offset,
                                      unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t mask = writable[offset + i];
        space[offset + i] =
            (uint8_t)((space[offset + i] & ~mask) | ((uint8_t)(value >> (8 * i)) & mask));
    }
}

#endif
