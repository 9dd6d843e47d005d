/*
 * configuration_test.c - PORT_CONFIGURATION_INFORMATION (lifecycle section 3): what FindAdapter is
 * given, and what is made of its answer.
 */
#include "probe_host.h"

#include <errno.h>
#include <string.h>

static struct probe_host host;

static const PORT_CONFIGURATION_INFORMATION *given(void)
{
    return &host.shared->Prefill;
}

static void assert_common_prefill(void)
{
    const PORT_CONFIGURATION_INFORMATION *config = given();

    assert_int_equal(config->Length, 0xE0);
    assert_int_equal(config->MaximumTransferLength, 0xFFFFFFFF);
    assert_int_equal(config->NumberOfPhysicalBreaks, 0x11);
    assert_int_equal(config->DmaChannel, 0xFFFFFFFF);
    assert_int_equal(config->DmaPort, 0xFFFFFFFF);
    assert_int_equal(config->AlignmentMask, 0);
    assert_int_equal(config->NumberOfBuses, 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal((UCHAR)config->InitiatorBusId[i], 0xFF);
    assert_true(config->ScatterGather && config->Master && config->Dma32BitAddresses &&
                config->NeedPhysicalAddresses && config->TaggedQueuing &&
                config->AutoRequestSense && config->MultipleRequestPerLu &&
                config->WmiDataProvider);
    assert_false(config->CachesData || config->AdapterScansDown || config->AtdiskPrimaryClaimed ||
                 config->AtdiskSecondaryClaimed || config->DemandMode || config->ReceiveEvent ||
                 config->RealModeInitialized || config->BufferAccessScsiPortControlled ||
                 config->ResetTargetSupported || config->VirtualDevice);
    assert_int_equal(config->MapBuffers, STOR_MAP_NON_READ_WRITE_BUFFERS); /* from the driver */
    assert_int_equal(config->MaximumNumberOfTargets, 128);
    assert_int_equal(config->MaximumNumberOfLogicalUnits, 8);
    assert_int_equal(config->SrbType, SRB_TYPE_STORAGE_REQUEST_BLOCK);
    assert_int_equal(config->SpecificLuExtensionSize, 64);
    assert_true(config->SrbExtensionSize != 0 && config->DeviceExtensionSize != 0);
    assert_int_equal(config->Dma64BitAddresses, 0x80);
    assert_int_equal(config->SynchronizationModel, StorSynchronizeHalfDuplex);
    assert_null(config->HwMSInterruptRoutine);
    assert_int_equal(config->InterruptSynchronizationMode, InterruptSupportNone);
    assert_int_equal(config->DmaAddressWidth, 0);
    assert_int_equal(config->MaxNumberOfIO, 1000);
    assert_int_equal(config->MaxIOsPerLun, 255);
    assert_int_equal(config->BusResetHoldTime, 4000000);
    assert_int_equal(config->FeatureSupport, 0);
    assert_int_equal(config->DumpMode, 0);
    assert_null(config->MiniportDumpData);
}

static void find_adapter_of_a_device_is_given_the_documented_values(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_common_prefill();
    assert_int_equal(given()->InitialLunQueueDepth, 20);
    assert_int_equal(given()->AdapterInterfaceType, PCIBus);
    assert_int_equal(given()->InterruptMode, Latched);
    assert_int_equal(given()->NumberOfAccessRanges, 1); /* as many as the driver has room for */
    probe_close(&host);
}

static void a_line_is_level_sensitive(void **state)
{
    (void)state;
    probe_prepare(&host);
    assert_int_equal(probe_try_with(&host, "model:scratch", "", PORT_INTERRUPT_LINE, 0), 0);
    assert_int_equal(given()->InterruptMode, LevelSensitive);
    probe_close(&host);
}

static void a_virtual_adapter_is_given_a_deeper_queue_and_no_ranges(void **state)
{
    (void)state;
    probe_open(&host, "none", "");
    assert_common_prefill();
    assert_int_equal(given()->InitialLunQueueDepth, 250);
    assert_int_equal(given()->AdapterInterfaceType, Internal);
    assert_int_equal(given()->NumberOfAccessRanges, 0);
    probe_close(&host);
}

/* What the driver wrote the last time does not show. */
static void every_start_is_given_the_same(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "CachesData=1 Duplex=1 MaximumIo=7");
    memset(&host.shared->Prefill, 0, sizeof(host.shared->Prefill));
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_common_prefill();
    probe_close(&host);
}

static void more_than_a_thousand_requests_need_addresses_of_64_bits(void **state)
{
    static const struct {
        const char *settings;
        uint32_t max_io;
    } cases[] = {
        {"MaximumIo=1200 Dma64=0", 1000}, {"MaximumIo=1200 Dma64=1", 1000},
        {"MaximumIo=1200 Dma64=2", 1200}, {"MaximumIo=1200 Dma64=3", 1200},
        {"MaximumIo=1200 Dma64=4", 1200},
    };
    struct port_adapter_info info;

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        probe_open(&host, "model:scratch", cases[i].settings);
        port_adapter_describe(host.adapter, &info);
        assert_int_equal(info.max_io, cases[i].max_io);
        probe_close(&host);
    }
}

static void limits_that_contradict_each_other_are_clamped(void **state)
{
    struct port_adapter_info info;

    (void)state;
    probe_open(&host, "model:scratch", "MaximumIo=10 UnitIo=100 Depth=200");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.max_io, 10);
    assert_int_equal(info.max_io_per_unit, 10);
    assert_int_equal(info.initial_depth, 10);
    probe_close(&host);
}

/* A tag of 8 bits has to be unique among what is outstanding, with the reserve for resets. */
static void the_old_format_bounds_requests_by_its_tags(void **state)
{
    struct port_adapter_info info;

    (void)state;
    probe_open(&host, "model:scratch", "SrbType=0 MaximumIo=1000");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.max_io + PORT_RESERVED_SLOTS, 254);
    probe_close(&host);
}

static void no_elements_at_all_are_refused(void **state)
{
    (void)state;
    probe_prepare(&host);
    assert_int_equal(probe_try(&host, "model:scratch", "BadConfiguration=1"), -ENODEV);
    assert_non_null(strstr(host.reason, "NumberOfPhysicalBreaks"));
    assert_int_equal(probe_count(&host, ProbeInitialize, -1), 0);
    probe_unload(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(find_adapter_of_a_device_is_given_the_documented_values),
        probe_test(a_line_is_level_sensitive),
        probe_test(a_virtual_adapter_is_given_a_deeper_queue_and_no_ranges),
        probe_test(every_start_is_given_the_same),
        probe_test(more_than_a_thousand_requests_need_addresses_of_64_bits),
        probe_test(limits_that_contradict_each_other_are_clamped),
        probe_test(the_old_format_bounds_requests_by_its_tags),
        probe_test(no_elements_at_all_are_refused),
    };

    return probe_run(argc, argv, tests);
}
