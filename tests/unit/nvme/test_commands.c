/*
 * test_commands.c - what SCSI commands mean to the NVMe driver, both kinds of requests.
 */
#include "fake_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *module_path;

static int start(void **state)
{
    (void)state;
    port_load(module_path);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    port_unload();
    return 0;
}

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static uint64_t get64(const uint8_t *bytes)
{
    return (uint64_t)get32(bytes) << 32 | get32(bytes + 4);
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put64(uint8_t *bytes, uint64_t value)
{
    put32(bytes, (uint32_t)(value >> 32));
    put32(bytes + 4, (uint32_t)value);
}

static void expect_good(struct port_request *request, uint32_t length)
{
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    assert_int_equal(port_scsi_status(request), SCSISTAT_GOOD);
    assert_int_equal(port_length(request), length);
}

static void expect_sense(struct port_request *request, uint32_t sense)
{
    assert_int_equal(port_status(request), SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID);
    assert_int_equal(port_scsi_status(request), SCSISTAT_CHECK_CONDITION);
    assert_int_equal(port_sense(request), sense);
}

/* READ or WRITE (16). */
static struct port_request *make_transfer(bool is_write, uint64_t lba, uint32_t blocks,
                                          uint32_t offset, unsigned block_shift)
{
    uint8_t cdb[16] = {is_write ? 0x8A : 0x88};
    put64(&cdb[2], lba);
    put32(&cdb[10], blocks);
    struct port_request *request =
        port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, blocks << block_shift, offset);
    port_set_cdb(request, cdb, sizeof(cdb));
    return request;
}

static void fill(uint8_t *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 512 + seed);
}

/* Every length and offset that changes the form of the data pointers. */
static void data_arrives_whole_for_every_page_layout(void **state)
{
    static const uint32_t sizes[] = {512, 4096, 4608, 8192, 8704, 12288, 65536, 131072};
    static const uint32_t offsets[] = {0, 512, 2048, 4092};
    (void)state;
    port_start();
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
            uint8_t *medium = port_controller.namespaces[0].medium;
            struct port_request *write = make_transfer(true, 3, sizes[i] / 512, offsets[j], 9);
            fill(write->data, sizes[i], i * 4 + j);
            port_do(write);
            expect_good(write, sizes[i]);
            assert_memory_equal(medium + 3 * 512, write->data, sizes[i]);

            struct port_request *read = make_transfer(false, 3, sizes[i] / 512, offsets[j], 9);
            port_do(read);
            expect_good(read, sizes[i]);
            assert_memory_equal(read->data, write->data, sizes[i]);
            port_free(read);
            port_free(write);
        }
    }
}

static void the_largest_transfer_works_and_one_block_more_is_refused(void **state)
{
    (void)state;
    port_controller.mdts = 0; /* no limit: the driver's own holds */
    free(port_controller.namespaces[0].medium);
    port_controller.namespaces[0].blocks = 4096;
    controller_add_medium(&port_controller.namespaces[0]);
    port_start();
    assert_int_equal(port_config.MaximumTransferLength, 1 << 20);
    assert_true(port_config.NumberOfPhysicalBreaks >= 257);
    for (uint32_t offset = 0; offset <= 4092; offset += 4092) {
        struct port_request *write = make_transfer(true, 0, 2048, offset, 9);
        fill(write->data, 1 << 20, offset);
        port_do(write);
        expect_good(write, 1 << 20);
        assert_memory_equal(port_controller.namespaces[0].medium, write->data, 1 << 20);
        port_free(write);
    }
    struct port_request *request = make_transfer(false, 0, 2049, 0, 9);
    port_do(request);
    expect_sense(request, 0x052400);
}

static void the_controller_limit_is_the_adapter_limit(void **state)
{
    (void)state;
    port_start();
    assert_int_equal(port_config.MaximumTransferLength, 4096 << 5);
    assert_int_equal(port_config.AlignmentMask, 3);
    assert_int_equal(port_config.MapBuffers, STOR_MAP_NON_READ_WRITE_BUFFERS);
}

static void merged_elements_are_split_into_pages(void **state)
{
    (void)state;
    port_start();
    struct port_request *write = make_transfer(true, 0, 128, 2048, 9);
    fill(write->data, 65536, 1);
    STOR_SCATTER_GATHER_ELEMENT whole = {
        .PhysicalAddress.QuadPart = (LONGLONG)bus_address(write->data), .Length = 65536};
    port_set_list(write, &whole, 1);
    port_do(write);
    expect_good(write, 65536);
    assert_memory_equal(port_controller.namespaces[0].medium, write->data, 65536);
}

static void a_list_that_pages_cannot_express_is_refused(void **state)
{
    (void)state;
    port_start();
    struct port_request *request = make_transfer(true, 0, 16, 0, 9);
    uint64_t address = bus_address(request->data);
    STOR_SCATTER_GATHER_ELEMENT gap[2] = {
        {.PhysicalAddress.QuadPart = (LONGLONG)address, .Length = 512},
        {.PhysicalAddress.QuadPart = (LONGLONG)address + 512, .Length = 8192 - 512}};
    port_set_list(request, gap, 2);
    port_do(request);
    expect_sense(request, 0x0B4B00);
    request = make_transfer(true, 0, 16, 0, 9);
    gap[1].PhysicalAddress.QuadPart = (LONGLONG)address + 4096; /* a page's start, but a hole */
    port_set_list(request, gap, 2);
    port_do(request);
    expect_sense(request, 0x0B4B00);
    assert_int_equal(port_controller.io_commands, 0);

    struct port_request *odd = make_transfer(true, 0, 1, 2, 9); /* not at a dword */
    port_do(odd);
    expect_sense(odd, 0x0B4B00);

    struct port_request *brief = make_transfer(true, 0, 16, 0, 9);
    STOR_SCATTER_GATHER_ELEMENT less = {.PhysicalAddress.QuadPart = (LONGLONG)address,
                                        .Length = 4096};
    port_set_list(brief, &less, 1);
    port_do(brief);
    expect_sense(brief, 0x0B4B00);
    assert_int_equal(port_controller.io_commands, 0);
}

static void all_forms_of_read_and_write_reach_the_same_blocks(void **state)
{
    static const struct {
        uint8_t cdb[16];
        uint8_t length;
        uint32_t blocks;
        uint64_t lba;
        uint8_t opcode;
        bool fua;
    } forms[] = {
        {{0x08, 0, 0, 9, 2}, 6, 2, 9, NVME_NVM_COMMAND_READ, false},
        {{0x08, 0, 0, 9, 0}, 6, 256, 9, NVME_NVM_COMMAND_READ, false},
        {{0x0A, 0, 1, 0, 1}, 6, 1, 256, NVME_NVM_COMMAND_WRITE, false},
        {{0x28, 0, 0, 0, 0, 5, 0, 0, 3}, 10, 3, 5, NVME_NVM_COMMAND_READ, false},
        {{0x2A, 8, 0, 0, 0, 5, 0, 0, 3}, 10, 3, 5, NVME_NVM_COMMAND_WRITE, true},
        {{0xA8, 0, 0, 0, 0, 6, 0, 0, 0, 4}, 12, 4, 6, NVME_NVM_COMMAND_READ, false},
        {{0xAA, 8, 0, 0, 0, 6, 0, 0, 0, 4}, 12, 4, 6, NVME_NVM_COMMAND_WRITE, true},
        {{0x88, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 5}, 16, 5, 7, NVME_NVM_COMMAND_READ, true},
        {{0x8A, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 5}, 16, 5, 7, NVME_NVM_COMMAND_WRITE, false},
    };
    (void)state;
    port_start();
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct port_request *request =
            port_scsi(0, forms[i].cdb, forms[i].length, forms[i].blocks * 512);
        expect_good(request, forms[i].blocks * 512);
        const NVME_COMMAND *command = &port_controller.last_io;
        assert_int_equal(command->CDW0.OPC, forms[i].opcode);
        assert_int_equal(command->NSID, 1);
        assert_int_equal(command->u.READWRITE.LBALOW, forms[i].lba);
        assert_int_equal(command->u.READWRITE.LBAHIGH, 0);
        assert_int_equal(command->u.READWRITE.CDW12.NLB, forms[i].blocks - 1);
        assert_int_equal(command->u.READWRITE.CDW12.FUA, forms[i].fua);
    }
}

static void blocks_out_of_range_are_refused_without_the_device(void **state)
{
    static const struct {
        uint64_t lba;
        uint32_t blocks;
        bool is_inside;
    } cases[] = {
        {1023, 1, true},  {1024, 0, true},        {1023, 2, false},
        {1024, 1, false}, {UINT64_MAX, 1, false}, {UINT64_MAX - 1, 8, false},
    };
    (void)state;
    port_start();
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned before = port_controller.io_commands;
        struct port_request *request = make_transfer(false, cases[i].lba, cases[i].blocks, 0, 9);
        port_do(request);
        if (cases[i].is_inside) {
            expect_good(request, cases[i].blocks * 512);
        } else {
            expect_sense(request, 0x052100);
            assert_int_equal(port_controller.io_commands, before);
        }
    }
}

static void a_buffer_that_is_too_small_is_refused_and_a_larger_one_reported(void **state)
{
    uint8_t read[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 2};
    (void)state;
    port_start();
    expect_sense(port_scsi(0, read, sizeof(read), 512), 0x052400);
    struct port_request *request = port_scsi(0, read, sizeof(read), 4096);
    assert_int_equal(port_status(request), SRB_STATUS_DATA_OVERRUN);
    assert_int_equal(port_length(request), 1024);
    assert_int_equal(request->data[1024], 0x5A);
}

static void a_4096_byte_format_works(void **state)
{
    struct controller_namespace *namespace = &port_controller.namespaces[0];
    uint8_t capacity[10] = {0x25};
    (void)state;
    namespace->block_shift = 12;
    free(namespace->medium);
    controller_add_medium(namespace);
    port_start();
    struct port_request *request = port_scsi(0, capacity, sizeof(capacity), 8);
    expect_good(request, 8);
    assert_int_equal(get32(request->data), 1023);
    assert_int_equal(get32(request->data + 4), 4096);
    struct port_request *write = make_transfer(true, 1000, 5, 0, 12);
    fill(write->data, 5 * 4096, 3);
    port_do(write);
    expect_good(write, 5 * 4096);
    assert_memory_equal(namespace->medium + 1000 * 4096, write->data, 5 * 4096);
}

static void capacity_is_told_in_both_forms(void **state)
{
    uint8_t ten[10] = {0x25};
    uint8_t sixteen[16] = {0x9E, 0x10, [13] = 32};
    struct controller_namespace *namespace = &port_controller.namespaces[0];
    (void)state;
    free(namespace->medium);
    namespace->medium = NULL;
    namespace->blocks = 0x100000001;
    port_start();
    struct port_request *request = port_scsi(0, ten, sizeof(ten), 8);
    expect_good(request, 8);
    assert_int_equal(get32(request->data), 0xFFFFFFFF);
    request = port_scsi(0, sixteen, sizeof(sixteen), 32);
    expect_good(request, 32);
    assert_int_equal(get64(request->data), 0x100000000);
    assert_int_equal(get32(request->data + 8), 512);
    assert_int_equal(request->data[14], 0xC0); /* provisioning managed, reads as zero */
    request = port_scsi(0, sixteen, sizeof(sixteen), 12);
    expect_good(request, 12);
    sixteen[1] = 0x12; /* another service action */
    expect_sense(port_scsi(0, sixteen, sizeof(sixteen), 32), 0x052400);
}

static void inquiry_names_the_device(void **state)
{
    uint8_t cdb[6] = {0x12, 0, 0, 0, 96};
    (void)state;
    port_start();
    struct port_request *request = port_scsi(0, cdb, sizeof(cdb), 96);
    expect_good(request, 96);
    assert_int_equal(request->data[0], 0);
    assert_int_equal(request->data[2], 6);
    assert_int_equal(request->data[4], 91);
    assert_memory_equal(request->data + 8, "NVMe    Model of a contr2.34", 28);
    cdb[2] = 1; /* a page without EVPD */
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 96), 0x052400);
}

/* Each page at every allocation length: never a byte more, never an error. */
static void replies_are_cut_to_allocation_and_buffer(void **state)
{
    static const uint8_t pages[] = {0x00, 0x80, 0x83, 0xB0, 0xB1, 0xB2};
    (void)state;
    memset(port_controller.namespaces[0].nguid, 0x11, 16);
    memset(port_controller.namespaces[0].eui64, 0x22, 8);
    port_start();
    for (unsigned i = 0; i < sizeof(pages); i++) {
        uint8_t cdb[6] = {0x12, 1, pages[i], 0, 255};
        struct port_request *whole = port_scsi(0, cdb, sizeof(cdb), 512);
        uint32_t length = port_length(whole);
        expect_good(whole, length);
        assert_int_equal(whole->data[1], pages[i]);
        assert_int_equal(whole->data[2] << 8 | whole->data[3], length - 4);
        for (unsigned size = 0; size <= length; size++) {
            struct port_request *request;
            cdb[4] = (uint8_t)size;
            request = port_scsi(0, cdb, sizeof(cdb), 512);
            expect_good(request, size);
            assert_memory_equal(request->data, whole->data, size);
            assert_int_equal(request->data[size], 0x5A);
            port_free(request);
            cdb[4] = 255;
            request = port_scsi(0, cdb, sizeof(cdb), size);
            expect_good(request, size);
            assert_memory_equal(request->data, whole->data, size);
            port_free(request);
        }
    }
}

static void the_serial_number_is_the_best_identifier_there_is(void **state)
{
    uint8_t cdb[6] = {0x12, 1, 0x80, 0, 255};
    (void)state;
    port_controller.namespaces[1] = port_controller.namespaces[0];
    port_controller.namespaces[1].id = 2;
    port_controller.namespaces[1].medium = NULL;
    memcpy(port_controller.namespaces[1].eui64, "\x01\x23\x45\x67\x89\xAB\xCD\xEF", 8);
    port_start();
    struct port_request *request = port_scsi(0, cdb, sizeof(cdb), 255);
    expect_good(request, 4 + 30);
    assert_memory_equal(request->data + 4, "SERIAL0001          _00000001.", 30);
    request = port_scsi(1, cdb, sizeof(cdb), 255);
    expect_good(request, 4 + 20);
    assert_memory_equal(request->data + 4, "0123_4567_89AB_CDEF.", 20);
}

static void limits_pages_say_what_the_controller_can(void **state)
{
    uint8_t limits[6] = {0x12, 1, 0xB0, 0, 64};
    uint8_t provisioning[6] = {0x12, 1, 0xB2, 0, 64};
    (void)state;
    port_start();
    struct port_request *request = port_scsi(0, limits, sizeof(limits), 64);
    expect_good(request, 64);
    assert_int_equal(get32(request->data + 8), 256); /* blocks in 128 KiB */
    assert_int_equal(get32(request->data + 20), 0xFFFFFFFF);
    assert_int_equal(get32(request->data + 24), 129);     /* descriptors */
    assert_int_equal(get64(request->data + 36), 0x10000); /* WRITE SAME */
    request = port_scsi(0, provisioning, sizeof(provisioning), 64);
    expect_good(request, 8);
    assert_int_equal(request->data[5], 0xE4);
}

static void every_active_namespace_is_a_unit(void **state)
{
    uint8_t luns[12] = {0xA0, [8] = 2};
    uint8_t capacity[10] = {0x25};
    (void)state;
    for (unsigned i = 1; i < 5; i++)
        port_controller.namespaces[i] = (struct controller_namespace){
            .id = 10 * i, .blocks = 100 + i, .block_shift = i == 2 ? 12 : 9};
    port_controller.namespaces[3].metadata_bytes = 8; /* cannot be served */
    port_start();
    struct port_request *request = port_scsi(0, luns, sizeof(luns), 512);
    expect_good(request, 8 + 4 * 8);
    assert_int_equal(get32(request->data), 4 * 8);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(get64(request->data + 8 + 8 * i), (uint64_t)i << 48);
    request = port_scsi(3, capacity, sizeof(capacity), 8);
    expect_good(request, 8);
    assert_int_equal(get32(request->data), 103); /* namespace 40: 104 blocks */
    request = port_scsi(2, capacity, sizeof(capacity), 8);
    assert_int_equal(get32(request->data + 4), 4096);
    request = port_scsi(4, capacity, sizeof(capacity), 8);
    assert_int_equal(port_status(request), SRB_STATUS_NO_DEVICE);
    request = port_scsi(255, capacity, sizeof(capacity), 8);
    assert_int_equal(port_status(request), SRB_STATUS_NO_DEVICE);
    request = port_scsi(7, luns, sizeof(luns), 20);
    expect_good(request, 20);
}

static void more_namespaces_than_units_are_left_out(void **state)
{
    uint8_t luns[12] = {0xA0, [7] = 0x10, [8] = 0};
    (void)state;
    for (unsigned i = 1; i < CONTROLLER_NAMESPACES_MAX; i++)
        port_controller.namespaces[i] =
            (struct controller_namespace){.id = i + 1, .blocks = 8, .block_shift = 9};
    port_start();
    struct port_request *request = port_scsi(0, luns, sizeof(luns), 4096);
    expect_good(request, 8 + 255 * 8);
    assert_int_equal(get32(request->data), 255 * 8);
}

static void unknown_commands_and_damaged_cdbs_are_refused(void **state)
{
    (void)state;
    port_start();
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        static const uint8_t known[] = {0x00, 0x03, 0x08, 0x0A, 0x12, 0x15, 0x1A, 0x1B, 0x25, 0x28,
                                        0x2A, 0x2F, 0x35, 0x41, 0x42, 0x4D, 0x55, 0x5A, 0x88, 0x8A,
                                        0x8F, 0x91, 0x93, 0x9E, 0xA0, 0xA8, 0xAA, 0xAF};
        uint8_t cdb[16] = {(uint8_t)opcode};
        if (memchr(known, (int)opcode, sizeof(known))) {
            /* One byte less than its group says. */
            struct port_request *request = port_scsi(0, cdb, 5, 4096);
            expect_sense(request, 0x052400);
            port_free(request);
            continue;
        }
        struct port_request *request = port_scsi(0, cdb, sizeof(cdb), 4096);
        expect_sense(request, 0x052000);
        port_free(request);
    }
    struct port_request *none = port_scsi(0, "", 0, 0);
    expect_sense(none, 0x052000);
}

static void write_protection_is_told_and_enforced(void **state)
{
    uint8_t sense[6] = {0x1A, 0, 0x3F, 0, 192};
    (void)state;
    port_controller.namespaces[0].write_protected = true;
    port_start();
    struct port_request *request = port_scsi(0, sense, sizeof(sense), 192);
    expect_good(request, 4 + 8 + 20 + 12);
    assert_int_equal(request->data[2], 0x90);
    request = make_transfer(true, 0, 1, 0, 9);
    port_do(request);
    expect_sense(request, 0x072700);
    request = make_transfer(false, 0, 1, 0, 9);
    port_do(request);
    expect_good(request, 512);
}

static void mode_sense_shows_cache_and_capacity(void **state)
{
    uint8_t six[6] = {0x1A, 0, 0x08, 0, 192};
    uint8_t ten[10] = {0x5A, 0x10, 0x0A, 0, 0, 0, 0, 0, 192};
    (void)state;
    port_start();
    struct port_request *request = port_scsi(0, six, sizeof(six), 192);
    expect_good(request, 4 + 8 + 20);
    assert_int_equal(request->data[0], 31);
    assert_int_equal(request->data[2], 0x10); /* FUA works */
    assert_int_equal(request->data[3], 8);
    assert_int_equal(get32(request->data + 4), 1024);
    assert_int_equal(get32(request->data + 8), 512);
    assert_int_equal(request->data[12], 0x08);
    assert_int_equal(request->data[14], 0x04); /* WCE */
    request = port_scsi(0, ten, sizeof(ten), 192);
    expect_good(request, 8 + 16 + 12);
    assert_int_equal(request->data[4], 1);
    assert_int_equal(get64(request->data + 8), 1024);
    six[2] = 0x48; /* what can be changed */
    request = port_scsi(0, six, sizeof(six), 192);
    assert_int_equal(request->data[14], 0x04);
    six[2] = 0xC8;
    expect_sense(port_scsi(0, six, sizeof(six), 192), 0x053900);
    six[2] = 0x01;
    expect_sense(port_scsi(0, six, sizeof(six), 192), 0x052400);
}

/* MODE SELECT (6) of one page. */
static struct port_request *select_page(const uint8_t *page, uint8_t length)
{
    uint8_t cdb[6] = {0x15, 0x10, 0, 0, (uint8_t)(4 + length)};
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 4u + length, 0);
    memset(request->data, 0, 4);
    memcpy(request->data + 4, page, length);
    port_set_cdb(request, cdb, sizeof(cdb));
    port_do(request);
    return request;
}

static void mode_select_turns_the_cache_off_for_good(void **state)
{
    uint8_t page[20] = {0x08, 18};
    uint8_t sense[6] = {0x1A, 8, 0x08, 0, 192};
    (void)state;
    port_start();
    assert_true(port_controller.write_cache_enabled);
    expect_good(select_page(page, sizeof(page)), 24);
    assert_false(port_controller.write_cache_enabled);
    struct port_request *request = port_scsi(0, sense, sizeof(sense), 192);
    assert_int_equal(request->data[4 + 2], 0);
    /* The controller forgets it in a reset; the driver does not. */
    assert_true(port_reset_bus());
    port_run();
    assert_false(port_controller.write_cache_enabled);
}

static void mode_select_refuses_what_cannot_change(void **state)
{
    uint8_t page[20] = {0x08, 18, 0x04};
    uint8_t control[12] = {0x0A, 10, 0, 0x10, 0, 0x40, 0, 0, 0xFF, 0xFF};
    (void)state;
    port_start();
    page[5] = 1;
    expect_sense(select_page(page, sizeof(page)), 0x052600);
    page[5] = 0;
    page[1] = 17;
    expect_sense(select_page(page, sizeof(page)), 0x052600);
    page[1] = 200; /* longer than the list */
    expect_sense(select_page(page, sizeof(page)), 0x051A00);
    expect_sense(select_page((uint8_t[]){0x08}, 1), 0x051A00);
    expect_good(select_page(control, sizeof(control)), 16);
    assert_true(port_controller.write_cache_enabled);
}

static void sense_data_takes_the_form_that_was_chosen(void **state)
{
    uint8_t control[12] = {0x0A, 10, 0x04, 0x10, 0, 0x40, 0, 0, 0xFF, 0xFF};
    uint8_t bad[6] = {0x04};
    (void)state;
    port_start();
    struct port_request *request = port_scsi(0, bad, sizeof(bad), 0);
    expect_sense(request, 0x052000);
    assert_int_equal(request->sense[0], 0x70);
    assert_int_equal(SrbGetSenseInfoBufferLength(&request->srb), 18);
    expect_good(select_page(control, sizeof(control)), 16);
    request = port_scsi(0, bad, sizeof(bad), 0);
    expect_sense(request, 0x052000);
    assert_int_equal(request->sense[0], 0x72);
    assert_int_equal(SrbGetSenseInfoBufferLength(&request->srb), 8);
}

static void without_a_sense_buffer_none_is_claimed(void **state)
{
    uint8_t bad[6] = {0x04};
    (void)state;
    port_start();
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 0, 0);
    port_set_cdb(request, bad, sizeof(bad));
    SrbSetSenseInfoBuffer(&request->srb, NULL);
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_ERROR);
    assert_int_equal(port_scsi_status(request), SCSISTAT_CHECK_CONDITION);
}

static void flushes_reach_the_device_only_when_it_caches(void **state)
{
    uint8_t synchronize[10] = {0x35};
    uint8_t stop_unit[6] = {0x1B};
    (void)state;
    port_start();
    assert_true(port_config.CachesData);
    expect_good(port_scsi(0, synchronize, sizeof(synchronize), 0), 0);
    assert_int_equal(port_controller.last_io.CDW0.OPC, NVME_NVM_COMMAND_FLUSH);
    assert_int_equal(port_controller.io_commands, 1);
    expect_good(port_scsi(0, stop_unit, sizeof(stop_unit), 0), 0);
    assert_int_equal(port_controller.io_commands, 2);
    struct port_request *request = port_make(SRB_FUNCTION_FLUSH, 0, 0, 0);
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    assert_int_equal(port_controller.io_commands, 3);
}

static void a_controller_without_cache_is_not_flushed(void **state)
{
    uint8_t synchronize[10] = {0x35};
    (void)state;
    port_controller.has_cache = false;
    port_start();
    assert_false(port_config.CachesData);
    expect_good(port_scsi(0, synchronize, sizeof(synchronize), 0), 0);
    assert_int_equal(port_controller.io_commands, 0);
}

static struct port_request *unmap(unsigned count, uint64_t lba, uint32_t blocks)
{
    uint32_t length = 8 + 16 * count;
    uint8_t cdb[10] = {0x42, [7] = (uint8_t)(length >> 8), [8] = (uint8_t)length};
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, length, 0);
    memset(request->data, 0, length);
    request->data[0] = (uint8_t)((length - 2) >> 8);
    request->data[1] = (uint8_t)(length - 2);
    request->data[2] = (uint8_t)((length - 8) >> 8);
    request->data[3] = (uint8_t)(length - 8);
    for (unsigned i = 0; i < count; i++) {
        put64(request->data + 8 + 16 * i, lba + i * blocks);
        put32(request->data + 16 + 16 * i, blocks);
    }
    port_set_cdb(request, cdb, sizeof(cdb));
    port_do(request);
    return request;
}

static void unmap_deallocates_exactly_its_ranges(void **state)
{
    uint8_t *medium = port_controller.namespaces[0].medium;
    (void)state;
    port_start();
    memset(medium, 0xEE, 1024 * 512);
    expect_good(unmap(129, 10, 2), 8 + 129 * 16);
    assert_int_equal(medium[10 * 512 - 1], 0xEE);
    for (unsigned i = 10 * 512; i < 268 * 512; i++)
        assert_int_equal(medium[i], 0);
    assert_int_equal(medium[268 * 512], 0xEE);
    expect_sense(unmap(130, 10, 2), 0x052600);
    expect_sense(unmap(1, 1023, 2), 0x052100);
    expect_good(unmap(3, 1024, 0), 8 + 3 * 16); /* ranges of nothing */
    expect_good(unmap(0, 0, 0), 8);
    assert_int_equal(port_controller.io_commands, 1);
}

static void unmap_lists_are_bounded_by_all_their_lengths(void **state)
{
    uint8_t cdb[10] = {0x42, [8] = 24};
    (void)state;
    port_start();
    /* The header claims more descriptors than the list has. */
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 24, 0);
    memset(request->data, 0, 24);
    request->data[2] = 0xFF;
    request->data[3] = 0xF0;
    put32(request->data + 16, 1);
    port_set_cdb(request, cdb, sizeof(cdb));
    port_do(request);
    expect_good(request, 24);
    assert_int_equal(port_controller.last_io.u.DATASETMANAGEMENT.CDW10.NR, 0);
    cdb[8] = 25; /* more than the buffer */
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 24), 0x052400);
    cdb[8] = 7;
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 24), 0x051A00);
    cdb[8] = 0;
    expect_good(port_scsi(0, cdb, sizeof(cdb), 24), 0);
}

static void write_same_of_zeroes_is_write_zeroes(void **state)
{
    uint8_t cdb[16] = {0x93, 0x08, [9] = 5, [13] = 7};
    uint8_t *medium = port_controller.namespaces[0].medium;
    (void)state;
    port_start();
    memset(medium, 0xEE, 1024 * 512);
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 512, 0);
    memset(request->data, 0, 512);
    port_set_cdb(request, cdb, sizeof(cdb));
    port_do(request);
    expect_good(request, 512);
    assert_int_equal(port_controller.last_io.CDW0.OPC, NVME_NVM_COMMAND_WRITE_ZEROES);
    assert_int_equal(port_controller.last_io.u.READWRITE.CDW12.AsUlong, 0x02000006);
    assert_int_equal(medium[5 * 512 - 1], 0xEE);
    assert_int_equal(medium[5 * 512], 0);
    assert_int_equal(medium[12 * 512 - 1], 0);
    assert_int_equal(medium[12 * 512], 0xEE);
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 512), 0x052600); /* data that is not zero */
    cdb[1] = 0x01;                                               /* no data at all */
    expect_good(port_scsi(0, cdb, sizeof(cdb), 0), 0);
    cdb[13] = 0; /* to the end of the medium */
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 0), 0x052400);
}

static void verify_compares_or_asks_the_device(void **state)
{
    uint8_t cdb[10] = {0x2F, 0, 0, 0, 0, 4, 0, 0, 2};
    (void)state;
    port_start();
    expect_good(port_scsi(0, cdb, sizeof(cdb), 0), 0);
    assert_int_equal(port_controller.last_io.CDW0.OPC, NVME_NVM_COMMAND_VERIFY);
    cdb[1] = 0x02;
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 1024), 0x0E1D00); /* the buffer has other data */
    cdb[1] = 0x06;
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 1024), 0x052400);
}

static void temperature_comes_from_the_health_log(void **state)
{
    uint8_t cdb[10] = {0x4D, 0, 0x0D, 0, 0, 0, 0, 0, 64};
    (void)state;
    port_controller.health.Temperature[0] = (273 + 41) & 0xFF;
    port_controller.health.Temperature[1] = (273 + 41) >> 8;
    port_start();
    struct port_request *request = port_scsi(0, cdb, sizeof(cdb), 64);
    expect_good(request, 16);
    assert_int_equal(request->data[9], 41);
    assert_int_equal(request->data[15], 70);
    cdb[2] = 0x2F;
    request = port_scsi(0, cdb, sizeof(cdb), 64);
    expect_good(request, 12);
    assert_int_equal(request->data[10], 41);
    cdb[2] = 0x00;
    expect_good(port_scsi(0, cdb, sizeof(cdb), 64), 7);
    cdb[2] = 0x0D;
    port_controller.fail_admin_opcode = NVME_ADMIN_COMMAND_GET_LOG_PAGE;
    port_controller.fail_admin_status = 0x0006;
    expect_sense(port_scsi(0, cdb, sizeof(cdb), 64), 0x044400);
}

static void errors_of_the_device_become_sense_data(void **state)
{
    static const struct {
        uint16_t status; /* type << 8 | code; bit 14: do not retry */
        uint32_t sense;
    } cases[] = {
        {0x281, 0x031100}, {0x280, 0x030300}, {0x080, 0x052100}, {0x082, 0x020400},
        {0x084, 0x020404}, {0x001, 0x052000}, {0x002, 0x052400}, {0x006, 0x044400},
        {0x007, 0x0B0000}, {0x00B, 0x052009}, {0x020, 0x072700}, {0x182, 0x072700},
        {0x285, 0x0E1D00}, {0x286, 0x052002}, {0x7C0, 0x0B0000}, {0x4000 | 0x7C0, 0x044400},
    };
    (void)state;
    port_start();
    port_controller.fail_opcode = NVME_NVM_COMMAND_READ;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        port_controller.fail_status = cases[i].status;
        struct port_request *request = make_transfer(false, 0, 1, 0, 9);
        port_do(request);
        expect_sense(request, cases[i].sense);
        assert_int_equal(port_length(request), 0);
    }
    port_controller.fail_status = 0x083;
    struct port_request *request = make_transfer(false, 0, 1, 0, 9);
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_ERROR);
    assert_int_equal(port_scsi_status(request), SCSISTAT_RESERVATION_CONFLICT);
}

static void data_that_cannot_be_mapped_now_is_asked_for_again(void **state)
{
    uint8_t cdb[6] = {0x12, 0, 0, 0, 96};
    (void)state;
    port_start();
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 96, 0);
    port_set_cdb(request, cdb, sizeof(cdb));
    port_fail_next_allocation();
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_BUSY);
    assert_int_equal(port_length(request), 96);
    port_do(request);
    expect_good(request, 96);
}

static void classic_requests_work_when_the_setting_asks_for_them(void **state)
{
    (void)state;
    port_options.settings[0] = (struct port_setting){"ScsiRequestBlocks", 1};
    port_start();
    assert_int_equal(port_config.SrbType, SRB_TYPE_SCSI_REQUEST_BLOCK);
    assert_true(port_config.MaxIOsPerLun <= 254);
    struct port_request *write = make_transfer(true, 9, 16, 0, 9);
    fill(write->data, 8192, 5);
    port_do(write);
    expect_good(write, 8192);
    assert_memory_equal(port_controller.namespaces[0].medium + 9 * 512, write->data, 8192);
    write = make_transfer(true, 1024, 1, 0, 9);
    port_do(write);
    expect_sense(write, 0x052100);
}

static void functions_that_are_not_scsi_are_answered(void **state)
{
    static const struct {
        unsigned function;
        uint8_t status;
    } cases[] = {
        {SRB_FUNCTION_POWER, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_PNP, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_SHUTDOWN, SRB_STATUS_SUCCESS},
        {SRB_FUNCTION_IO_CONTROL, SRB_STATUS_INVALID_REQUEST},
        {SRB_FUNCTION_WMI, SRB_STATUS_INVALID_REQUEST},
        {SRB_FUNCTION_DUMP_POINTERS, SRB_STATUS_INVALID_REQUEST},
        {SRB_FUNCTION_PROTOCOL_COMMAND, SRB_STATUS_INVALID_REQUEST},
        {SRB_FUNCTION_RECEIVE_EVENT, SRB_STATUS_INVALID_REQUEST},
    };
    (void)state;
    port_start();
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct port_request *request = port_make(cases[i].function, 0, 0, 0);
        port_do(request);
        assert_int_equal(port_status(request), cases[i].status);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(data_arrives_whole_for_every_page_layout),
        TEST(the_largest_transfer_works_and_one_block_more_is_refused),
        TEST(the_controller_limit_is_the_adapter_limit),
        TEST(merged_elements_are_split_into_pages),
        TEST(a_list_that_pages_cannot_express_is_refused),
        TEST(all_forms_of_read_and_write_reach_the_same_blocks),
        TEST(blocks_out_of_range_are_refused_without_the_device),
        TEST(a_buffer_that_is_too_small_is_refused_and_a_larger_one_reported),
        TEST(a_4096_byte_format_works),
        TEST(capacity_is_told_in_both_forms),
        TEST(inquiry_names_the_device),
        TEST(replies_are_cut_to_allocation_and_buffer),
        TEST(the_serial_number_is_the_best_identifier_there_is),
        TEST(limits_pages_say_what_the_controller_can),
        TEST(every_active_namespace_is_a_unit),
        TEST(more_namespaces_than_units_are_left_out),
        TEST(unknown_commands_and_damaged_cdbs_are_refused),
        TEST(write_protection_is_told_and_enforced),
        TEST(mode_sense_shows_cache_and_capacity),
        TEST(mode_select_turns_the_cache_off_for_good),
        TEST(mode_select_refuses_what_cannot_change),
        TEST(sense_data_takes_the_form_that_was_chosen),
        TEST(without_a_sense_buffer_none_is_claimed),
        TEST(flushes_reach_the_device_only_when_it_caches),
        TEST(a_controller_without_cache_is_not_flushed),
        TEST(unmap_deallocates_exactly_its_ranges),
        TEST(unmap_lists_are_bounded_by_all_their_lengths),
        TEST(write_same_of_zeroes_is_write_zeroes),
        TEST(verify_compares_or_asks_the_device),
        TEST(temperature_comes_from_the_health_log),
        TEST(errors_of_the_device_become_sense_data),
        TEST(data_that_cannot_be_mapped_now_is_asked_for_again),
        TEST(classic_requests_work_when_the_setting_asks_for_them),
        TEST(functions_that_are_not_scsi_are_answered),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s MODULE\n", argv[0]);
        return 2;
    }
    module_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
