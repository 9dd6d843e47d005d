/*
 * What drivers announce and what keys do, by the C API, over the vault: a miniport that encrypts
 * what its requests carry a key for.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/storhost.h>
#include <string.h>
#include <unistd.h>
// cmocka.h wants four of those above.
#include <cmocka.h>

#include "../miniports/vault/vault_protocol.h"

enum {
    IOCTL_SCSI_MINIPORT = 0x4D008,
    IOCTL_STORAGE_QUERY_PROPERTY = 0x2D1400,
    ADAPTER_RPMB_PROPERTY = 16,
    ADAPTER_CRYPTO_PROPERTY = 17,
    HEADER_BYTES = 28, /* of an SRB_IO_CONTROL */
    XTS_256 = 7,
    CBC_128 = 9,
    XTS_BYTES = 64,
    CBC_BYTES = 16,
    BLOCK = 512,
};

static struct storhost_driver *driver;
static struct storhost_adapter *adapter;
static struct storhost_unit *unit, *other;
static struct storhost_error error;
static const char *dumps;
static char said[65536];

static void hear(void *context, const char *line)
{
    (void)context;
    size_t length = strlen(said);
    snprintf(said + length, sizeof(said) - length, "%s\n", line);
    if (getenv("STORHOST_TEST_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", line);
}

static void start_with(const char *settings[], size_t count)
{
    struct storhost_options options = {
        .size = sizeof(options), .processors = 2, .log = hear, .dumps = dumps};
    struct storhost_driver_options driver_options = {.size = sizeof(driver_options),
                                                     .path = getenv("VAULT"),
                                                     .settings = settings,
                                                     .setting_count = count};
    struct storhost_adapter_options adapter_options = {.size = sizeof(adapter_options),
                                                       .event = hear};

    assert_non_null(driver_options.path);
    said[0] = '\0';
    error.text[0] = '\0';
    assert_int_equal(storhost_start(&options, &error), 0);
    assert_int_equal(storhost_driver_load(&driver, &driver_options, &error), 0);
    assert_int_equal(storhost_adapter_start(&adapter, driver, &adapter_options, &error), 0);
    unit = storhost_unit_get(adapter, 0);
    other = storhost_unit_get(adapter, 1);
    assert_non_null(unit);
}

static void start(const char *setting)
{
    start_with(&setting, setting != NULL ? 1 : 0);
}

static void stop(void)
{
    storhost_unit_release(unit);
    storhost_unit_release(other);
    assert_int_equal(storhost_adapter_stop(adapter, &error), 0);
    storhost_driver_unload(driver);
    storhost_stop();
}

/* What the vault has seen so far. */
static VAULT_REPORT_DATA ask(unsigned code, unsigned value)
{
    VAULT_REQUEST request = {.HeaderLength = HEADER_BYTES,
                             .Timeout = 10,
                             .ControlCode = code,
                             .Length = sizeof(request.Data),
                             .Data.Value = value};
    size_t length = 0;

    memcpy(request.Signature, VAULT_SIGNATURE, sizeof(request.Signature));
    assert_int_equal(storhost_ioctl(adapter, NULL, IOCTL_SCSI_MINIPORT, &request, sizeof(request),
                                    &request, sizeof(request), &length, NULL),
                     0);
    return request.Data;
}

static int insert(struct storhost_unit *which, uint8_t fill, size_t length)
{
    uint8_t bytes[80];
    struct storhost_crypto_key key = {.size = sizeof(key),
                                      .bytes = bytes,
                                      .length = length,
                                      .capability = STORHOST_CRYPTO_ANY,
                                      .index = STORHOST_CRYPTO_ANY};

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(fill + 3 * i);
    error.text[0] = '\0';
    int result = storhost_unit_crypto_insert(which, &key, &error);
    memset(bytes, 0, sizeof(bytes));
    return result;
}

static uint32_t key_of(struct storhost_unit *which)
{
    struct storhost_unit_info info = {.size = sizeof(info)};

    assert_int_equal(storhost_unit_describe(which, &info), 0);
    return info.crypto_data_unit_size != 0 ? info.crypto_index : UINT32_MAX;
}

static uint8_t data[8 * BLOCK], back[8 * BLOCK];

static void data_fill(uint8_t seed)
{
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(seed + i * 7 + i / BLOCK);
}

/* Whether the unit gives back the data at that block. */
static bool reads_data(struct storhost_unit *which, uint64_t block)
{
    assert_int_equal(storhost_read(which, back, sizeof(back), block * BLOCK, 0), 0);
    return memcmp(back, data, sizeof(data)) == 0;
}

/* ---- what is announced ---- */

static uint32_t property(struct storhost_unit *which, uint32_t id, uint32_t *words, size_t room,
                         size_t *ret_length)
{
    const uint32_t query[3] = {id, 0, 0};
    uint32_t status = 0;

    (void)storhost_ioctl(adapter, which, IOCTL_STORAGE_QUERY_PROPERTY, query, sizeof(query), words,
                         room, ret_length, &status);
    return status;
}

static void the_property_of_protected_memory_is_what_the_driver_announced(void **state)
{
    uint32_t words[5] = {0};
    size_t length = 0;
    char *json = NULL;

    (void)state;
    start("Parameters\\Device\\UnitRpmb=1024");
    assert_int_equal(property(NULL, ADAPTER_RPMB_PROPERTY, words, sizeof(words), &length), 0);
    const uint32_t expected[5] = {1, 20, 131072, 512, 1};
    assert_int_equal(length, 20);
    assert_memory_equal(words, expected, sizeof(expected));
    assert_int_equal(property(unit, ADAPTER_RPMB_PROPERTY, words, sizeof(words), &length), 0);
    assert_int_equal(words[2], 1024); /* its own comes first */
    assert_int_equal(property(other, ADAPTER_RPMB_PROPERTY, words, sizeof(words), &length), 0);
    assert_int_equal(words[2], 131072);
    struct storhost_adapter_info info = {.size = sizeof(info)};
    assert_int_equal(storhost_adapter_describe(adapter, &info), 0);
    assert_int_equal(info.rpmb_bytes, 131072);
    assert_int_equal(storhost_adapter_json(adapter, &json), 0);
    assert_non_null(strstr(json, "\"security_protocol\": 236"));
    assert_non_null(strstr(json, "\"lun\": 196"));
    free(json);
    assert_int_equal(ask(VAULT_REPORT, 0).Problems, 0);
    stop();
}

static void what_nobody_announced_is_not_supported(void **state)
{
    const uint32_t not_supported = 0xC00000BB;
    const char *settings[] = {"Parameters\\Device\\RpmbBytes=0", "Parameters\\Device\\Keys=0"};
    uint32_t words[16];
    size_t length = 0;
    char *json = NULL;

    (void)state;
    start_with(settings, 2);
    assert_int_equal(property(NULL, ADAPTER_RPMB_PROPERTY, words, sizeof(words), &length),
                     not_supported);
    assert_int_equal(property(unit, ADAPTER_CRYPTO_PROPERTY, words, sizeof(words), &length),
                     not_supported);
    assert_int_equal(storhost_adapter_json(adapter, &json), 0);
    assert_null(strstr(json, "rpmb"));
    assert_null(strstr(json, "crypto"));
    free(json);
    assert_int_equal(insert(unit, 1, XTS_BYTES), -EOPNOTSUPP);
    assert_non_null(strstr(error.text, "vault has announced no encryption engine"));
    stop();
}

static void the_property_of_the_engine_lists_its_capabilities(void **state)
{
    const uint32_t expected[16] = {1, 64, VAULT_KEYS, 2,  1,       24, XTS_256, 1,
                                   3, 9,  1,          24, CBC_128, 2,  1,       9};
    uint32_t words[16] = {0};
    size_t length = 0;

    (void)state;
    start(NULL);
    assert_int_equal(property(NULL, ADAPTER_CRYPTO_PROPERTY, words, sizeof(words), &length), 0);
    assert_int_equal(length, 64);
    assert_memory_equal(words, expected, sizeof(expected));
    /* As far as there is room. */
    assert_int_equal(property(unit, ADAPTER_CRYPTO_PROPERTY, words, 8, &length), 0);
    assert_int_equal(length, 8);
    assert_int_equal(words[1], 64);
    stop();
}

/* ---- keys ---- */

static void what_is_written_with_a_key_is_read_with_it_alone(void **state)
{
    (void)state;
    start(NULL);
    data_fill(1);
    assert_int_equal(insert(unit, 0x40, XTS_BYTES), 0);
    assert_int_equal(key_of(unit), 0);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 100 * BLOCK, 0), 0);
    assert_true(reads_data(unit, 100));
    /* Elsewhere the data unit has another number, so the same bytes are others on the medium. */
    assert_false(reads_data(unit, 101));
    assert_int_equal(storhost_unit_crypto_evict(unit, &error), 0);
    assert_int_equal(key_of(unit), UINT32_MAX);
    assert_false(reads_data(unit, 100));
    assert_int_equal(insert(unit, 0x41, XTS_BYTES), 0);
    assert_false(reads_data(unit, 100));
    assert_int_equal(insert(unit, 0x40, XTS_BYTES), 0); /* in place of the other */
    assert_true(reads_data(unit, 100));
    assert_int_equal(ask(VAULT_REPORT, 0).Problems, 0);
    stop();
}

static void the_driver_gets_a_key_at_passive_level_with_its_physical_address(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(insert(unit, 0x10, CBC_BYTES), 0);
    VAULT_REPORT_DATA report = ask(VAULT_REPORT, 0);
    assert_int_equal(report.Insertions, 1);
    assert_int_equal(report.InsertIrql, 0);
    assert_int_equal(report.Index, 0);
    assert_int_equal(report.Capability, CBC_128);
    assert_int_equal(report.DataUnitBitmask, 1);
    assert_int_equal(report.KeySize, 1);
    assert_int_equal(report.Problems, 0);
    /* What takes a key back is another one in its place. */
    assert_int_equal(storhost_unit_crypto_evict(unit, &error), 0);
    assert_int_equal(ask(VAULT_REPORT, 0).Insertions, 2);
    stop();
}

static void reads_and_writes_carry_the_number_of_their_data_unit(void **state)
{
    const struct storhost_crypto_key key = {.size = sizeof(key),
                                            .bytes = data,
                                            .length = XTS_BYTES,
                                            .capability = XTS_256,
                                            .index = 2,
                                            .data_unit_size = 512};

    (void)state;
    start("Parameters\\Device\\BlockSize=4096");
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), 0);
    assert_int_equal(storhost_read(unit, back, 4096, 5 * 4096, 0), 0);
    VAULT_REPORT_DATA report = ask(VAULT_REPORT, 0);
    assert_int_equal(report.Encrypted, 1);
    assert_int_equal(report.Key, 2);
    assert_int_equal(report.Tweak, 5 * 8);
    /* The other unit has no key. */
    assert_int_equal(storhost_read(other, back, 4096, 0, 0), 0);
    assert_int_equal(ask(VAULT_REPORT, 0).Encrypted, 1);
    assert_int_equal(ask(VAULT_REPORT, 0).Plain, 1);
    stop();
}

static void a_zeroed_range_reads_as_zeroes_with_a_key(void **state)
{
    struct storhost_unit_info info = {.size = sizeof(info)};

    (void)state;
    start(NULL);
    data_fill(9);
    assert_int_equal(insert(unit, 0x77, XTS_BYTES), 0);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 0, 0), 0);
    assert_int_equal(storhost_zero(unit, sizeof(data), 0, STORHOST_MAY_TRIM), 0);
    memset(data, 0, sizeof(data));
    assert_true(reads_data(unit, 0));
    assert_int_equal(storhost_unit_describe(unit, &info), 0);
    assert_false(info.can_zero);
    stop();
}

static void keys_are_given_again_after_a_restart_and_a_power_up(void **state)
{
    (void)state;
    start(NULL);
    data_fill(5);
    assert_int_equal(insert(unit, 0x21, XTS_BYTES), 0);
    assert_int_equal(insert(other, 0x22, CBC_BYTES), 0);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 0, 0), 0);
    assert_int_equal(storhost_write(other, data, sizeof(data), 0, 0), 0);
    assert_int_equal(storhost_adapter_pnp_stop(adapter, &error), 0);
    assert_int_equal(storhost_adapter_pnp_restart(adapter, &error), 0);
    assert_true(reads_data(unit, 0) && reads_data(other, 0));
    assert_int_equal(storhost_adapter_power(adapter, 3, STORHOST_POWER_SLEEP, &error), 0);
    assert_int_equal(storhost_adapter_power(adapter, 0, STORHOST_POWER_SLEEP, &error), 0);
    assert_true(reads_data(unit, 0) && reads_data(other, 0));
    assert_int_equal(ask(VAULT_REPORT, 0).Insertions, 6);
    assert_int_equal(ask(VAULT_REPORT, 0).Problems, 0);
    stop();
}

static void a_driver_that_does_not_take_its_keys_back_is_not_started(void **state)
{
    (void)state;
    start(NULL);
    data_fill(5);
    assert_int_equal(insert(unit, 0x21, XTS_BYTES), 0);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 0, 0), 0);
    ask(VAULT_FAIL_KEYS, 1);
    assert_int_equal(storhost_adapter_pnp_stop(adapter, &error), 0);
    assert_int_equal(storhost_adapter_pnp_restart(adapter, &error), -EIO);
    assert_non_null(strstr(error.text, "vault does not take key 0"));
    assert_int_equal(storhost_adapter_state(adapter, NULL), STORHOST_ADAPTER_FAILED);
    /* Nothing is read or written without the key. */
    assert_int_equal(storhost_read(unit, back, BLOCK, 0, 0), -ENODEV);
    /* Without it the driver starts. */
    assert_int_equal(storhost_unit_crypto_evict(unit, &error), 0);
    assert_int_equal(storhost_adapter_pnp_restart(adapter, &error), 0);
    assert_false(reads_data(unit, 0));
    stop();
}

static void a_refused_key_is_a_finding_and_changes_nothing(void **state)
{
    (void)state;
    start(NULL);
    data_fill(3);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 0, 0), 0);
    ask(VAULT_FAIL_KEYS, 1);
    assert_int_equal(insert(unit, 0x55, XTS_BYTES), -EIO);
    assert_non_null(strstr(said, "F0.4"));
    assert_int_equal(key_of(unit), UINT32_MAX);
    assert_true(reads_data(unit, 0));
    stop();
}

static void keys_that_cannot_be_are_refused_in_words(void **state)
{
    struct storhost_crypto_key key = {
        .size = sizeof(key), .bytes = data, .length = XTS_BYTES, .capability = XTS_256, .index = 0};

    (void)state;
    start(NULL);
    assert_int_equal(insert(unit, 1, 24), -EINVAL);
    assert_non_null(strstr(error.text, "a key of 24 bytes: no capability"));
    key.length = CBC_BYTES;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), -EINVAL);
    assert_non_null(strstr(error.text, "capability 7 (AES-XTS, 256 bits) takes 64 bytes"));
    key.capability = 1;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), -EINVAL);
    assert_non_null(strstr(error.text, "no capability 1"));
    key.capability = CBC_128;
    key.data_unit_size = 1024;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), -EINVAL);
    assert_non_null(strstr(error.text, "data units of 1024 bytes"));
    key.data_unit_size = 0;
    key.index = VAULT_KEYS;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), -EINVAL);
    assert_non_null(strstr(error.text, "keys 0 to 3"));
    key.index = 1;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), 0);
    assert_int_equal(storhost_unit_crypto_insert(other, &key, &error), -EBUSY);
    assert_non_null(strstr(error.text, "key 1 is that of unit 0:0:0"));
    assert_int_equal(storhost_unit_crypto_evict(other, &error), -ENOENT);
    key.size = 1;
    assert_int_equal(storhost_unit_crypto_insert(unit, &key, &error), -EINVAL);
    stop();
}

static void an_engine_has_no_more_keys_than_it_has(void **state)
{
    (void)state;
    start("Parameters\\Device\\Keys=1");
    assert_int_equal(insert(unit, 1, XTS_BYTES), 0);
    assert_int_equal(insert(other, 2, XTS_BYTES), -ENOSPC);
    assert_non_null(strstr(error.text, "evict one first"));
    assert_int_equal(storhost_unit_crypto_evict(unit, &error), 0);
    assert_int_equal(insert(other, 2, XTS_BYTES), 0);
    stop();
}

static void a_driver_without_the_control_takes_no_keys(void **state)
{
    (void)state;
    start("Parameters\\Device\\NoControl=1");
    assert_int_equal(insert(unit, 1, XTS_BYTES), -EOPNOTSUPP);
    assert_non_null(strstr(error.text, "ScsiAdapterCryptoOperation"));
    stop();
}

static void descriptions_name_a_key_and_do_not_show_it(void **state)
{
    char *json = NULL;

    (void)state;
    start(NULL);
    assert_int_equal(insert(unit, 0x30, CBC_BYTES), 0); /* 30 33 36 39 3c */
    assert_int_equal(storhost_adapter_json(adapter, &json), 0);
    assert_non_null(strstr(json, "\"crypto_key\""));
    assert_non_null(strstr(json, "\"AES-CBC (BitLocker)\""));
    assert_null(strstr(json, "3033"));
    assert_null(strstr(said, "3033"));
    free(json);
    stop();
}

/* ---- firmware ---- */

enum {
    IOCTL_GET_INFO = 0x2D1C00,
    IOCTL_DOWNLOAD = 0x2DDC04,
    IOCTL_ACTIVATE = 0x2DDC08,
    DOWNLOAD_HEAD = 32,  /* of STORAGE_HW_FIRMWARE_DOWNLOAD, before the image */
    DOWNLOAD_BYTES = 40, /* what its Version is */
};

static uint32_t send(struct storhost_unit *which, uint32_t code, const void *input, size_t length,
                     void *output, size_t room, size_t *ret_length)
{
    uint32_t status = 0;

    (void)storhost_ioctl(adapter, which, code, input, length, output, room, ret_length, &status);
    return status;
}

static void the_slots_of_firmware_are_what_the_driver_says(void **state)
{
    const uint32_t query[4] = {16, 16, 0, 0}, old[4] = {8, 16, 0, 0};
    uint8_t info[128] = {0};
    size_t length = 0;

    (void)state;
    start(NULL);
    for (unsigned i = 0; i < 2; i++) {
        memset(info, 0, sizeof(info));
        assert_int_equal(send(i == 0 ? NULL : unit, IOCTL_GET_INFO, query, sizeof(query), info,
                              sizeof(info), &length),
                         0);
        assert_int_equal(length, 24 + 2 * 32);
        assert_int_equal(info[8], 1);           /* can be upgraded */
        assert_int_equal(info[9], 2);           /* slots */
        assert_int_equal(info[10], 1);          /* active */
        assert_int_equal(info[11], 0xFF);       /* none is pending */
        assert_int_equal(info[24 + 8], 1);      /* its number */
        assert_int_equal(info[24 + 9], 1);      /* read only */
        assert_int_equal(info[24 + 32 + 9], 0); /* the second is not */
        assert_string_equal((char *)info + 24 + 16, "1.00");
    }
    /* As far as there is room, but not without room for one. */
    assert_int_equal(send(unit, IOCTL_GET_INFO, query, sizeof(query), info, 60, &length), 0);
    assert_int_equal(length, 60);
    assert_int_equal(send(unit, IOCTL_GET_INFO, query, sizeof(query), info, 40, &length),
                     0xC0000023);
    assert_int_equal(send(unit, IOCTL_GET_INFO, query, 12, info, 128, &length), 0xC0000004);
    assert_int_equal(send(unit, IOCTL_GET_INFO, old, sizeof(old), info, 128, &length), 0xC000000D);
    stop();
}

static uint32_t piece_send(struct storhost_unit *which, uint8_t slot, uint64_t offset,
                           uint64_t bytes, size_t length)
{
    uint8_t input[DOWNLOAD_HEAD + 8192];
    uint32_t head[3] = {DOWNLOAD_BYTES, (uint32_t)length, 0};
    size_t returned;

    memset(input, 0x5A, sizeof(input));
    memcpy(input, head, sizeof(head));
    input[12] = slot;
    memcpy(input + 16, &offset, 8);
    memcpy(input + 24, &bytes, 8);
    return send(which, IOCTL_DOWNLOAD, input, length, NULL, 0, &returned);
}

static void
an_image_goes_to_a_unit_by_write_buffer_and_to_the_adapter_by_its_own_words(void **state)
{
    const uint32_t activate[4] = {16, 16, 0, 2};
    size_t returned;

    (void)state;
    start(NULL);
    for (unsigned way = 1; way <= 2; way++) {
        struct storhost_unit *target = way == 1 ? unit : NULL;
        assert_int_equal(piece_send(target, 2, 1536, 1024, DOWNLOAD_HEAD + 1024), 0);
        VAULT_REPORT_DATA report = ask(VAULT_REPORT, 0);
        assert_int_equal(report.Way, way);
        assert_int_equal(report.FirmwareSlot, 2);
        assert_int_equal(report.FirmwareOffset, 1536);
        assert_int_equal(report.FirmwareBytes, 1024);
        assert_int_equal(report.FirmwareFirst, 0x5A);
        assert_int_equal(
            send(target, IOCTL_ACTIVATE, activate, sizeof(activate), NULL, 0, &returned), 0);
        assert_int_equal(ask(VAULT_REPORT, 0).Activated, 2);
    }
    stop();
}

static void images_that_do_not_fit_are_refused_before_the_device_sees_them(void **state)
{
    const uint32_t invalid = 0xC000000D, no_slot = 0xC0000484, activate[4] = {16, 16, 0, 9};
    size_t returned;

    (void)state;
    start(NULL);
    assert_int_equal(piece_send(unit, 1, 0, 512, DOWNLOAD_HEAD + 512), no_slot); /* read only */
    assert_int_equal(piece_send(unit, 9, 0, 512, DOWNLOAD_HEAD + 512), no_slot);
    assert_int_equal(piece_send(unit, 2, 0, 513, DOWNLOAD_HEAD + 513), invalid);
    assert_int_equal(piece_send(unit, 2, 100, 512, DOWNLOAD_HEAD + 512), invalid);
    assert_int_equal(piece_send(unit, 2, 0, 4608, DOWNLOAD_HEAD + 4608), invalid);
    assert_int_equal(piece_send(unit, 2, 0, 0, DOWNLOAD_HEAD + 512), invalid);
    assert_int_equal(piece_send(unit, 2, 0, 1024, DOWNLOAD_HEAD + 512), invalid);
    assert_int_equal(piece_send(unit, 2, 0, UINT64_MAX, DOWNLOAD_HEAD + 512), invalid);
    assert_int_equal(piece_send(unit, 2, 0x1000000, 512, DOWNLOAD_HEAD + 512), invalid);
    assert_int_equal(piece_send(unit, 2, 0, 512, 20), invalid);
    assert_int_equal(send(unit, IOCTL_ACTIVATE, activate, sizeof(activate), NULL, 0, &returned),
                     no_slot);
    assert_int_equal(send(unit, IOCTL_ACTIVATE, activate, 8, NULL, 0, &returned), invalid);
    assert_int_equal(ask(VAULT_REPORT, 0).Way, 0);
    stop();
}

/* ---- dumps ---- */

static char folder[128];

static void dumps_start(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(folder, sizeof(folder), "%s/storhost-dumps-XXXXXX",
             parent != NULL ? parent : P_tmpdir);
    assert_non_null(mkdtemp(folder));
    dumps = folder;
    start(NULL);
    dumps = NULL;
}

/* The files in the folder; the last one's text. */
static unsigned dumps_read(char *text, size_t size)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char path[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        assert_non_null(strstr(entry->d_name, "vault-RaidPort0-"));
        assert_non_null(strstr(entry->d_name, ".json"));
        assert_true(entry->d_name[0] != '.');
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        text[fread(text, 1, size - 1, file)] = '\0';
        fclose(file);
        remove(path);
        count++;
    }
    closedir(directory);
    return count;
}

static char text[4 << 20];

static void a_live_dump_is_a_file_with_what_the_driver_says_and_has(void **state)
{
    (void)state;
    dumps_start();
    assert_int_equal(ask(VAULT_LIVE_DUMP, 2).Status, 0);
    assert_int_equal(dumps_read(text, sizeof(text)), 1);
    assert_non_null(strstr(text, "\"dump\": \"live, full\""));
    assert_non_null(strstr(text, "\"issue\": \"device panic\""));
    assert_non_null(strstr(text, "\"component\": \"vault \\\"door\\\"\""));
    assert_non_null(strstr(text, "\"bucket\": \"vault-door-open\""));
    assert_non_null(strstr(text, "\"organization\": \"ab0000\""));
    /* "what the device noted" */
    assert_non_null(strstr(text, "\"77686174207468652064657669636520"));
    assert_non_null(strstr(text, "\"unit\": \"0:0:0\""));
    assert_non_null(strstr(text, "\"HwStorWorkItem\""));
    assert_non_null(strstr(text, "DumpNow")); /* the routine of the driver that calls */
    assert_non_null(strstr(text, "\"request started\""));
    assert_non_null(strstr(text, "\"function\": \"0x2\"")); /* the request that asked for it */
    assert_non_null(strstr(text, "\"time_ns\""));
    assert_non_null(strstr(text, "\"device_extension\""));
    /* A mini one has less. */
    assert_int_equal(ask(VAULT_LIVE_DUMP, 1).Status, 0);
    assert_int_equal(dumps_read(text, sizeof(text)), 1);
    assert_non_null(strstr(text, "\"dump\": \"live, mini\""));
    assert_null(strstr(text, "\"device_extension\""));
    stop();
    assert_non_null(strstr(said, "vault-RaidPort0-"));
    rmdir(folder);
}

static void a_dump_has_nothing_of_keys(void **state)
{
    char shown[2 * XTS_BYTES + 1] = "";

    (void)state;
    dumps_start();
    assert_int_equal(insert(unit, 0x40, XTS_BYTES), 0); /* it lies in the device extension */
    assert_int_equal(ask(VAULT_LIVE_DUMP, 2).Status, 0);
    assert_int_equal(dumps_read(text, sizeof(text)), 1);
    assert_non_null(strstr(text, "\"crypto_key\""));
    for (unsigned i = 0; i < 8; i++)
        snprintf(shown + 2 * i, 3, "%02x", 0x40 + 3 * i);
    assert_null(strstr(text, shown));
    stop();
    rmdir(folder);
}

static void there_are_no_more_dumps_than_sixteen(void **state)
{
    const uint32_t unsuccessful = 0xC1000001;

    (void)state;
    dumps_start();
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(ask(VAULT_LIVE_DUMP, 1).Status, 0);
    assert_int_equal(ask(VAULT_LIVE_DUMP, 1).Status, unsuccessful);
    assert_int_equal(dumps_read(text, sizeof(text)), 16);
    stop();
    rmdir(folder);
}

static void without_a_directory_the_driver_hears_so_and_the_user_how_to_get_dumps(void **state)
{
    const uint32_t unsuccessful = 0xC1000001;
    struct storhost_options options = {
        .size = sizeof(options), .dumps = "/dev/null/nowhere", .log = hear};

    (void)state;
    start(NULL);
    assert_int_equal(ask(VAULT_LIVE_DUMP, 1).Status, unsuccessful);
    stop();
    assert_non_null(strstr(said, "give --dumps DIRECTORY"));
    assert_int_equal(storhost_start(&options, &error), -ENOTDIR);
    assert_non_null(strstr(error.text, "/dev/null/nowhere"));
}

/* ---- what drivers ask of the machine ---- */

static void the_registry_says_what_the_machine_is_and_allows(void **state)
{
    const char *settings[] = {"Parameters\\StorPort\\OsInstallationUpgrade=1",
                              "Device Parameters\\StorPort\\AllowSecureReprovision=0",
                              "Device Parameters\\StorPort\\AllowInlineCryptoEngine=0"};

    (void)state;
    start(NULL);
    assert_int_equal(ask(VAULT_REPORT, 0).Machine, 2 | 4);
    stop();
    start_with(settings, 3);
    assert_int_equal(ask(VAULT_REPORT, 0).Machine, 1);
    stop();
}

/* ---- what drivers leave behind ---- */

static void leave(const char *setting, const char *finding, const char *text_of_it)
{
    start(setting);
    assert_null(strstr(said, "finding"));
    stop();
    assert_non_null(strstr(said, finding));
    assert_non_null(strstr(said, text_of_it));
}

static void an_armed_timer_is_taken_out_of_freed_memory_and_reported(void **state)
{
    (void)state;
    leave("Parameters\\Device\\Leaves=1", "finding MEM-20: ", "holds 1 armed timer (KTIMER)");
}

static void a_timer_that_is_armed_when_its_driver_is_unloaded_is_reported(void **state)
{
    (void)state;
    leave("Parameters\\Device\\Leaves=2",
          "finding TIMER-12: ", "vault was unloaded with 1 armed timer");
    leave("Parameters\\Device\\Leaves=3",
          "finding TIMER-12: ", "vault was unloaded with 1 armed timer");
}

static void a_timer_of_the_executive_that_is_left_behind_is_reported(void **state)
{
    (void)state;
    leave("Parameters\\Device\\Leaves=5",
          "finding TIMER-12: ", "vault was unloaded with 1 timer (EX_TIMER) not deleted");
    leave("Parameters\\Device\\Leaves=6",
          "finding TIMER-12: ", "vault was unloaded with 1 timer (EX_TIMER) not deleted");
}

static void a_registration_of_events_that_is_left_behind_is_reported(void **state)
{
    (void)state;
    leave("Parameters\\Device\\Leaves=4",
          "finding TIMER-12: ", "vault has left 1 registration of EtwRegister behind");
    start(NULL);
    stop();
    assert_null(strstr(said, "finding"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_property_of_protected_memory_is_what_the_driver_announced),
        cmocka_unit_test(what_nobody_announced_is_not_supported),
        cmocka_unit_test(the_property_of_the_engine_lists_its_capabilities),
        cmocka_unit_test(what_is_written_with_a_key_is_read_with_it_alone),
        cmocka_unit_test(the_driver_gets_a_key_at_passive_level_with_its_physical_address),
        cmocka_unit_test(reads_and_writes_carry_the_number_of_their_data_unit),
        cmocka_unit_test(a_zeroed_range_reads_as_zeroes_with_a_key),
        cmocka_unit_test(keys_are_given_again_after_a_restart_and_a_power_up),
        cmocka_unit_test(a_driver_that_does_not_take_its_keys_back_is_not_started),
        cmocka_unit_test(a_refused_key_is_a_finding_and_changes_nothing),
        cmocka_unit_test(keys_that_cannot_be_are_refused_in_words),
        cmocka_unit_test(an_engine_has_no_more_keys_than_it_has),
        cmocka_unit_test(a_driver_without_the_control_takes_no_keys),
        cmocka_unit_test(descriptions_name_a_key_and_do_not_show_it),
        cmocka_unit_test(the_slots_of_firmware_are_what_the_driver_says),
        cmocka_unit_test(
            an_image_goes_to_a_unit_by_write_buffer_and_to_the_adapter_by_its_own_words),
        cmocka_unit_test(images_that_do_not_fit_are_refused_before_the_device_sees_them),
        cmocka_unit_test(a_live_dump_is_a_file_with_what_the_driver_says_and_has),
        cmocka_unit_test(a_dump_has_nothing_of_keys),
        cmocka_unit_test(there_are_no_more_dumps_than_sixteen),
        cmocka_unit_test(without_a_directory_the_driver_hears_so_and_the_user_how_to_get_dumps),
        cmocka_unit_test(an_armed_timer_is_taken_out_of_freed_memory_and_reported),
        cmocka_unit_test(a_timer_that_is_armed_when_its_driver_is_unloaded_is_reported),
        cmocka_unit_test(a_timer_of_the_executive_that_is_left_behind_is_reported),
        cmocka_unit_test(a_registration_of_events_that_is_left_behind_is_reported),
        cmocka_unit_test(the_registry_says_what_the_machine_is_and_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
