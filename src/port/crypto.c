/*
 * crypto.c - keys of units whose adapter encrypts by itself: which unit has which, and the moments
 * at which the driver gets them.
 *
 * A request carries what its unit has when the driver asks (port_unit_crypto_of). So the key of a
 * unit changes only while nothing of the unit is with the driver, not even between BuildIo and
 * StartIo. Changes are ordered by control_mutex; crypto_mutex is held for moments, and never while
 * a driver is called.
 */
#include "nt/dpc.h"
#include "port/adapter.h"
#include "port/driver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ALGORITHM_XTS_AES = 1,
    KEY_SIZES = 5,
    SECTOR_BYTES = 512, /* the smallest data unit, bit 0 */
    PARK_TIMEOUT_MS = 30000,
    SHIFT_AT = 32, /* in the word: blocks have 1 << shift data units */
    REDACTED_BYTES = 8,
};
static const uint64_t word_has_key = 1ull << 63;

struct port_crypto_key {
    uint32_t index, data_unit_size, block_size, length;
    struct port_crypto_capability capability;
    uint8_t bytes[PORT_CRYPTO_KEY_BYTES_MAX];
};

/* ---- words and sizes ---- */

__attribute__((format(printf, 4, 5))) static int refuse(char *reason, size_t reason_size, int error,
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, reason_size, format, arguments);
    va_end(arguments);
    return error;
}

const char *port_crypto_algorithm_name(uint32_t algorithm)
{
    static const char *const names[] = {"unknown", "AES-XTS", "AES-CBC (BitLocker)", "AES-ECB",
                                        "AES-CBC (ESSIV)"};

    return names[algorithm < sizeof(names) / sizeof(names[0]) ? algorithm : 0];
}

unsigned port_crypto_key_bits(uint32_t key_size)
{
    static const uint16_t bits[KEY_SIZES] = {0, 128, 192, 256, 512};

    return key_size < KEY_SIZES ? bits[key_size] : 0;
}

uint32_t port_crypto_key_bytes(const struct port_crypto_capability *capability)
{
    uint32_t bytes = port_crypto_key_bits(capability->key_size) / 8;

    /* AES has no key of 512 bits: for XTS that is both halves together. */
    if (capability->algorithm == ALGORITHM_XTS_AES && bytes < PORT_CRYPTO_KEY_BYTES_MAX)
        bytes *= 2;
    return bytes;
}

static unsigned shift_of(uint32_t block_size, uint32_t data_unit_size)
{
    return (unsigned)__builtin_ctz(block_size / data_unit_size);
}

bool port_unit_crypto_of(const struct port_unit *unit, uint64_t block, uint32_t *ret_index,
                         uint64_t *ret_data_unit)
{
    uint64_t word = __atomic_load_n(&unit->crypto, __ATOMIC_ACQUIRE);

    if (!(word & word_has_key))
        return false;
    *ret_index = (uint32_t)word;
    *ret_data_unit = block << (word >> SHIFT_AT & 0x1F);
    return true;
}

bool port_unit_is_encrypted(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->crypto, __ATOMIC_ACQUIRE) & word_has_key;
}

/* ---- a quiet unit ---- */

static void unit_unpark(struct port_unit *unit)
{
    (void)port_unit_queue(unit, PORT_QUEUE_UNLOCK, &unit->crypto);
}

/* Later requests wait and nothing is with the driver. What waits between BuildIo and StartIo asks
 * the driver's BuildIo no more: the lock is opened for it again. */
static int unit_park(struct port_unit *unit, char *reason, size_t reason_size)
{
    uint64_t deadline = sys_now_ns() + PARK_TIMEOUT_MS * SYS_NS_PER_MS;

    for (;;) {
        int error = port_unit_queue(unit, PORT_QUEUE_LOCK, &unit->crypto);
        if (error)
            return refuse(reason, reason_size, error, "out of memory");
        nt_dpc_flush(); /* who has seen the gate open has issued his requests */
        while (port_unit_started(unit) && sys_now_ns() < deadline)
            sys_delay_ns(SYS_NS_PER_MS);
        if (!port_unit_outstanding(unit))
            return 0;
        unit_unpark(unit);
        if (sys_now_ns() >= deadline)
            break;
        sys_delay_ns(SYS_NS_PER_MS);
    }
    return refuse(reason, reason_size, -ETIMEDOUT, "unit %s: %u requests did not finish",
                  unit->name, port_unit_outstanding(unit));
}

/* ---- the driver ---- */

static int driver_insert(struct port_adapter *adapter, const struct port_crypto_key *key,
                         char *reason, size_t reason_size)
{
    const struct port_key_insertion insertion = {
        .index = key->index,
        .capability = &key->capability,
        .data_unit_size = key->data_unit_size,
        .key = key->bytes,
        .length = key->length,
    };
    int error =
        adapter->model->insert_key ? adapter->model->insert_key(adapter, &insertion) : -EOPNOTSUPP;

    if (error == -EOPNOTSUPP)
        return refuse(reason, reason_size, error,
                      "%s takes no keys: it does not support ScsiAdapterCryptoOperation",
                      port_driver_service(adapter->driver));
    if (error)
        return refuse(reason, reason_size, error, "%s does not take key %u",
                      port_driver_service(adapter->driver), key->index);
    return 0;
}

/* There is no operation that takes a key back: another one in its place does. */
static void driver_overwrite(struct port_adapter *adapter, struct port_crypto_key *key)
{
    char reason[160];

    for (uint32_t at = 0; at < key->length; at++)
        key->bytes[at] = (uint8_t)(sys_random() >> 32);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING &&
        driver_insert(adapter, key, reason, sizeof(reason)))
        port_adapter_log(adapter, "key %u of the encryption engine is not overwritten: %s",
                         key->index, reason);
}

/* ---- a unit's key ---- */

static void key_free(struct port_crypto_key *key)
{
    sys_secret_free(key, sizeof(*key));
}

/* The unit has the key, or none, from here on; what it had before. control_mutex held. */
static struct port_crypto_key *key_exchange(struct port_unit *unit, struct port_crypto_key *key)
{
    uint64_t word = key ? word_has_key | key->index |
                              (uint64_t)shift_of(key->block_size, key->data_unit_size) << SHIFT_AT
                        : 0;

    sys_mutex_lock(&unit->adapter->crypto_mutex);
    struct port_crypto_key *old = unit->crypto_key;
    unit->crypto_key = key;
    sys_mutex_unlock(&unit->adapter->crypto_mutex);
    __atomic_store_n(&unit->crypto, word, __ATOMIC_RELEASE);
    return old;
}

void port_unit_crypto_forget(struct port_unit *unit)
{
    key_free(key_exchange(unit, NULL));
}

static const struct port_unit *unit_with_index(const struct port_adapter *adapter, uint32_t index)
{
    const struct port_unit *unit = adapter->units;

    while (unit && (!unit->crypto_key || unit->crypto_key->index != index))
        unit = unit->next;
    return unit;
}

/* ---- what may be asked for ---- */

static int choose_index(const struct port_adapter *adapter, const struct port_crypto_engine *engine,
                        uint32_t wanted, uint32_t *ret_index, char *reason, size_t reason_size)
{
    uint32_t index = wanted == PORT_CRYPTO_ANY ? 0 : wanted;

    if (wanted == PORT_CRYPTO_ANY)
        while (index < engine->keys && unit_with_index(adapter, index))
            index++;
    if (index >= engine->keys)
        return wanted == PORT_CRYPTO_ANY
                   ? refuse(reason, reason_size, -ENOSPC,
                            "all %u keys of the engine are in use: evict one first", engine->keys)
                   : refuse(reason, reason_size, -EINVAL, "key %u: the engine has keys 0 to %u",
                            wanted, engine->keys - 1);
    const struct port_unit *user = unit_with_index(adapter, index);
    if (user)
        return refuse(reason, reason_size, -EBUSY,
                      "key %u is that of unit %s: evict it first, or choose another", index,
                      user->name);
    *ret_index = index;
    return 0;
}

static bool capability_suits(const struct port_crypto_capability *capability,
                             const struct port_crypto_options *options)
{
    return options->capability == PORT_CRYPTO_ANY
               ? port_crypto_key_bytes(capability) == options->key_length
               : capability->index == options->capability;
}

static int choose_capability(const struct port_crypto_engine *engine,
                             const struct port_crypto_options *options,
                             struct port_crypto_capability *ret_capability, char *reason,
                             size_t reason_size)
{
    for (uint32_t i = 0; i < engine->capability_count; i++) {
        const struct port_crypto_capability *capability = &engine->capabilities[i];
        if (!capability_suits(capability, options))
            continue;
        if (port_crypto_key_bytes(capability) != options->key_length)
            return refuse(reason, reason_size, -EINVAL,
                          "a key of %zu bytes: capability %u (%s, %u bits) takes %u bytes",
                          options->key_length, capability->index,
                          port_crypto_algorithm_name(capability->algorithm),
                          port_crypto_key_bits(capability->key_size),
                          port_crypto_key_bytes(capability));
        *ret_capability = *capability;
        return 0;
    }
    if (options->capability == PORT_CRYPTO_ANY)
        return refuse(reason, reason_size, -EINVAL,
                      "a key of %zu bytes: no capability of the engine takes that length: "
                      "`storhost info` lists them",
                      options->key_length);
    return refuse(reason, reason_size, -EINVAL,
                  "the engine has no capability %u: `storhost info` lists those there are",
                  options->capability);
}

static bool is_power_of_two(uint32_t number)
{
    return number && !(number & (number - 1));
}

/* Requests begin and end at blocks, so data units may not be larger. */
static int choose_data_unit(const struct port_crypto_options *options, struct port_crypto_key *key,
                            char *reason, size_t reason_size)
{
    uint32_t size = options->data_unit_size ? options->data_unit_size : options->block_size;

    if (!is_power_of_two(size) || size < SECTOR_BYTES || !is_power_of_two(options->block_size) ||
        size > options->block_size)
        return refuse(reason, reason_size, -EINVAL,
                      "data units of %u bytes: give a power of two from 512 to the unit's block "
                      "size, %u",
                      size, options->block_size);
    if (!(key->capability.data_unit_sizes & size / SECTOR_BYTES))
        return refuse(
            reason, reason_size, -EINVAL,
            "capability %u has no data units of %u bytes: `storhost info` lists its sizes",
            key->capability.index, size);
    key->data_unit_size = size;
    key->block_size = options->block_size;
    return 0;
}

static int key_make(struct port_adapter *adapter, const struct port_crypto_options *options,
                    struct port_crypto_key *key, char *reason, size_t reason_size)
{
    const struct port_crypto_engine *engine = port_announced(&adapter->crypto_engine);
    int error = 0;

    if (port_adapter_state(adapter, NULL) != PORT_ADAPTER_RUNNING)
        return refuse(reason, reason_size, -EINVAL, "the adapter does not run");
    if (!engine)
        return refuse(reason, reason_size, -EOPNOTSUPP, "%s has announced no encryption engine",
                      port_driver_service(adapter->driver));
    error = choose_capability(engine, options, &key->capability, reason, reason_size);
    if (!error)
        error = choose_data_unit(options, key, reason, reason_size);
    if (!error)
        error = choose_index(adapter, engine, options->index, &key->index, reason, reason_size);
    if (error)
        return error;
    key->length = (uint32_t)options->key_length;
    memcpy(key->bytes, options->key, key->length);
    return 0;
}

/* ---- insert and evict ---- */

static int insert_locked(struct port_unit *unit, struct port_crypto_key *key, char *reason,
                         size_t reason_size)
{
    int error = unit_park(unit, reason, reason_size);

    if (error)
        return error;
    error = driver_insert(unit->adapter, key, reason, reason_size);
    struct port_crypto_key *old = error ? NULL : key_exchange(unit, key);
    unit_unpark(unit);
    if (old)
        driver_overwrite(unit->adapter, old);
    key_free(old);
    return error;
}

int port_unit_crypto_insert(struct port_unit *unit, const struct port_crypto_options *options,
                            char *reason, size_t reason_size)
{
    struct port_adapter *adapter = unit->adapter;
    struct port_crypto_key *key = sys_secret_allocate(sizeof(*key));

    if (!key)
        return refuse(reason, reason_size, -ENOMEM, "out of memory for a key");
    sys_mutex_lock(&adapter->control_mutex);
    int error = key_make(adapter, options, key, reason, reason_size);
    if (!error)
        error = insert_locked(unit, key, reason, reason_size);
    sys_mutex_unlock(&adapter->control_mutex);
    if (error)
        key_free(key);
    return error;
}

int port_unit_crypto_evict(struct port_unit *unit, char *reason, size_t reason_size)
{
    struct port_adapter *adapter = unit->adapter;
    struct port_crypto_key *old = NULL;
    int error = 0;

    sys_mutex_lock(&adapter->control_mutex);
    if (!unit->crypto_key)
        error = refuse(reason, reason_size, -ENOENT, "unit %s has no key", unit->name);
    if (!error)
        error = unit_park(unit, reason, reason_size);
    if (!error) {
        old = key_exchange(unit, NULL);
        driver_overwrite(adapter, old);
        unit_unpark(unit);
    }
    sys_mutex_unlock(&adapter->control_mutex);
    key_free(old);
    return error;
}

/* ---- a driver that starts again knows no keys ---- */

static bool has_capability(const struct port_crypto_engine *engine,
                           const struct port_crypto_key *key)
{
    const struct port_crypto_capability *wanted = &key->capability;

    if (!engine || key->index >= engine->keys)
        return false;
    for (uint32_t i = 0; i < engine->capability_count; i++) {
        const struct port_crypto_capability *capability = &engine->capabilities[i];
        if (capability->index == wanted->index && capability->algorithm == wanted->algorithm &&
            capability->key_size == wanted->key_size &&
            capability->data_unit_sizes & key->data_unit_size / SECTOR_BYTES)
            return true;
    }
    return false;
}

int port_crypto_restore(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    const struct port_crypto_engine *engine = port_announced(&adapter->crypto_engine);

    for (const struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        const struct port_crypto_key *key = unit->crypto_key;
        if (!key)
            continue;
        if (!has_capability(engine, key))
            return refuse(reason, reason_size, -EIO,
                          "unit %s is encrypted, and the driver does not announce what its key "
                          "needs any more: evict the key",
                          unit->name);
        if (driver_insert(adapter, key, reason, reason_size))
            return -EIO;
    }
    return 0;
}

/* ---- what may be told ---- */

void port_unit_crypto_describe(const struct port_unit *unit, struct port_crypto_key_info *ret_info)
{
    *ret_info = (struct port_crypto_key_info){0};
    sys_mutex_lock(&unit->adapter->crypto_mutex);
    if (unit->crypto_key)
        *ret_info = (struct port_crypto_key_info){
            .data_unit_size = unit->crypto_key->data_unit_size,
            .index = unit->crypto_key->index,
            .capability = unit->crypto_key->capability,
        };
    sys_mutex_unlock(&unit->adapter->crypto_mutex);
}

/* Any whole part of a key is found wherever it lies, in the order of the key. */
static void redact(uint8_t *bytes, size_t length, const struct port_crypto_key *key)
{
    for (uint32_t part = 0; part + REDACTED_BYTES <= key->length; part += REDACTED_BYTES) {
        uint8_t *end = bytes + length, *at = bytes;
        while ((at = memmem(at, (size_t)(end - at), key->bytes + part, REDACTED_BYTES)) != NULL) {
            memset(at, 0, REDACTED_BYTES);
            at += REDACTED_BYTES;
        }
    }
}

void port_crypto_redact(struct port_adapter *adapter, void *bytes, size_t length)
{
    sys_mutex_lock(&adapter->crypto_mutex);
    for (const struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        if (unit->crypto_key)
            redact(bytes, length, unit->crypto_key);
    sys_mutex_unlock(&adapter->crypto_mutex);
}
