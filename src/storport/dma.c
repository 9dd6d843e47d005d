/*
 * dma.c - what the driver says of its device's DMA, made into the reach of data and of the memory
 * that the port keeps for it (lifecycle section 3, Dma64BitAddresses and DmaAddressWidth).
 */
#include "storport/adapter.h"

/* The high bit of Dma64BitAddresses is the port's question and may stay there. */
enum { DMA64_ANSWER = 0x07 };

static const struct port_reach below_4_gib = {.highest = NT_HIGH_MEMORY_START - 1};
static const struct port_reach everywhere = {.highest = UINT64_MAX};
static const struct port_reach without_crossing = {.highest = UINT64_MAX,
                                                   .boundary = NT_HIGH_MEMORY_START};

static void narrow(struct port_reach *reach, unsigned width)
{
    if (width < 64 && reach->highest > (1ull << width) - 1)
        reach->highest = (1ull << width) - 1;
}

void storport_config_reach(struct storport_adapter *adapter)
{
    const PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct port_limits *limits = &adapter->port->limits;

    limits->data_reach = limits->common_reach = below_4_gib;
    switch (config->Dma64BitAddresses & DMA64_ANSWER) {
    case SCSI_DMA64_MINIPORT_SUPPORTED:
        limits->data_reach = everywhere;
        break;
    case SCSI_DMA64_MINIPORT_FULL64BIT_SUPPORTED:
        limits->data_reach = limits->common_reach = without_crossing;
        break;
    case SCSI_DMA64_MINIPORT_FULL64BIT_NO_BOUNDARY_REQ_SUPPORTED:
        limits->data_reach = limits->common_reach = everywhere;
        break;
    case SCSI_DMA64_MINIPORT_64BIT_ONE_4GB_SUPPORTED:
        /* Everything in one window of 4 GiB; the first one always has memory. */
    default:
        break;
    }
    if (config->FeatureSupport & STOR_ADAPTER_DMA_ADDRESS_WIDTH_SPECIFIED &&
        config->DmaAddressWidth >= 1 && config->DmaAddressWidth <= 64) {
        narrow(&limits->data_reach, config->DmaAddressWidth);
        narrow(&limits->common_reach, config->DmaAddressWidth);
    }
}
