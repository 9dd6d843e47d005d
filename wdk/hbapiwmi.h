/*
 * WMI blocks and methods by which an adapter answers the SM-HBA API. A miniport defines
 * MS_SM_HBA_API before it includes this header. NAME_SIZE is the number of bytes up to the end of
 * the last member, without the padding that sizeof counts; it is not there where that member has no
 * fixed length.
 */
#ifndef WDK_HBAPIWMI_H
#define WDK_HBAPIWMI_H

#include "guiddef.h"
#include "ntdef.h"

#ifdef MS_SM_HBA_API

#define MS_SM_AdapterInformationQueryGuid                                                          \
    {                                                                                              \
        0xbdc67efa, 0xe5e7, 0x4777,                                                                \
        {                                                                                          \
            0xb1, 0x3c, 0x62, 0x14, 0x59, 0x65, 0x70, 0x99                                         \
        }                                                                                          \
    }
#define MS_SM_PortInformationMethodsGuid                                                           \
    {                                                                                              \
        0x5b6a8b86, 0x708d, 0x4ec6,                                                                \
        {                                                                                          \
            0x82, 0xa6, 0x39, 0xad, 0xcf, 0x6f, 0x64, 0x33                                         \
        }                                                                                          \
    }
DEFINE_GUID(MS_SM_AdapterInformationQuery_GUID, 0xbdc67efa, 0xe5e7, 0x4777, 0xb1, 0x3c, 0x62, 0x14,
            0x59, 0x65, 0x70, 0x99);
DEFINE_GUID(MS_SM_PortInformationMethods_GUID, 0x5b6a8b86, 0x708d, 0x4ec6, 0x82, 0xa6, 0x39, 0xad,
            0xcf, 0x6f, 0x64, 0x33);

/* What the adapter is. Strings are counted: two bytes of length, then text. */
typedef struct _MS_SM_AdapterInformationQuery {
    ULONGLONG UniqueAdapterId;
    ULONG HBAStatus;
    ULONG NumberOfPorts;
    ULONG VendorSpecificID;
    WCHAR Manufacturer[64 + 1];
    WCHAR SerialNumber[64 + 1];
    WCHAR Model[256 + 1];
    WCHAR ModelDescription[256 + 1];
    WCHAR HardwareVersion[256 + 1];
    WCHAR DriverVersion[256 + 1];
    WCHAR OptionROMVersion[256 + 1];
    WCHAR FirmwareVersion[256 + 1];
    WCHAR DriverName[256 + 1];
    WCHAR HBASymbolicName[256 + 1];
    WCHAR RedundantOptionROMVersion[256 + 1];
    WCHAR RedundantFirmwareVersion[256 + 1];
    WCHAR MfgDomain[256 + 1];
} MS_SM_AdapterInformationQuery, *PMS_SM_AdapterInformationQuery;
#define MS_SM_AdapterInformationQuery_SIZE                                                         \
    (FIELD_OFFSET(MS_SM_AdapterInformationQuery, MfgDomain) +                                      \
     sizeof(((MS_SM_AdapterInformationQuery *)0)->MfgDomain))

/* PortSpecificAttributes of a Fibre Channel port. */
typedef struct _MS_SMHBA_FC_Port {
    UCHAR NodeWWN[8];
    UCHAR PortWWN[8];
    ULONG FcId;
    ULONG PortSupportedClassofService;
    UCHAR PortSupportedFc4Types[32];
    UCHAR PortActiveFc4Types[32];
    UCHAR FabricName[8];
    ULONG NumberofDiscoveredPorts;
    UCHAR NumberofPhys;
    WCHAR PortSymbolicName[256 + 1];
} MS_SMHBA_FC_Port, *PMS_SMHBA_FC_Port;
#define MS_SMHBA_FC_Port_SIZE                                                                      \
    (FIELD_OFFSET(MS_SMHBA_FC_Port, PortSymbolicName) +                                            \
     sizeof(((MS_SMHBA_FC_Port *)0)->PortSymbolicName))

/* PortSpecificAttributes of a SAS port. */
typedef struct _MS_SMHBA_SAS_Port {
    ULONG PortProtocol;
    UCHAR LocalSASAddress[8];
    UCHAR AttachedSASAddress[8];
    ULONG NumberofDiscoveredPorts;
    ULONG NumberofPhys;
} MS_SMHBA_SAS_Port, *PMS_SMHBA_SAS_Port;
#define MS_SMHBA_SAS_Port_SIZE                                                                     \
    (FIELD_OFFSET(MS_SMHBA_SAS_Port, NumberofPhys) + sizeof(((MS_SMHBA_SAS_Port *)0)->NumberofPhys))

/* A port; what is special to its kind comes last. */
typedef struct _MS_SMHBA_PORTATTRIBUTES {
    ULONG PortType;
    ULONG PortState;
    ULONG PortSpecificAttributesSize;
    WCHAR OSDeviceName[256 + 1];
    ULONGLONG Reserved;
    UCHAR PortSpecificAttributes[1];
} MS_SMHBA_PORTATTRIBUTES, *PMS_SMHBA_PORTATTRIBUTES;

typedef struct _MS_SMHBA_PROTOCOLSTATISTICS {
    LONGLONG SecondsSinceLastReset;
    LONGLONG InputRequests;
    LONGLONG OutputRequests;
    LONGLONG ControlRequests;
    LONGLONG InputMegabytes;
    LONGLONG OutputMegabytes;
} MS_SMHBA_PROTOCOLSTATISTICS, *PMS_SMHBA_PROTOCOLSTATISTICS;
#define MS_SMHBA_PROTOCOLSTATISTICS_SIZE                                                           \
    (FIELD_OFFSET(MS_SMHBA_PROTOCOLSTATISTICS, OutputMegabytes) +                                  \
     sizeof(((MS_SMHBA_PROTOCOLSTATISTICS *)0)->OutputMegabytes))

typedef struct _MS_SMHBA_FC_PHY {
    ULONG PhySupportSpeed;
    ULONG PhySpeed;
    UCHAR PhyType;
    ULONG MaxFrameSize;
} MS_SMHBA_FC_PHY, *PMS_SMHBA_FC_PHY;
#define MS_SMHBA_FC_PHY_SIZE                                                                       \
    (FIELD_OFFSET(MS_SMHBA_FC_PHY, MaxFrameSize) + sizeof(((MS_SMHBA_FC_PHY *)0)->MaxFrameSize))

typedef struct _MS_SMHBA_SAS_PHY {
    UCHAR PhyIdentifier;
    ULONG NegotiatedLinkRate;
    ULONG ProgrammedMinLinkRate;
    ULONG HardwareMinLinkRate;
    ULONG ProgrammedMaxLinkRate;
    ULONG HardwareMaxLinkRate;
    UCHAR domainPortWWN[8];
} MS_SMHBA_SAS_PHY, *PMS_SMHBA_SAS_PHY;
#define MS_SMHBA_SAS_PHY_SIZE                                                                      \
    (FIELD_OFFSET(MS_SMHBA_SAS_PHY, domainPortWWN) + sizeof(((MS_SMHBA_SAS_PHY *)0)->domainPortWWN))

/* The methods of MS_SM_PortInformationMethods, each with what it takes and what it returns. */
#define SM_GetPortType 1
typedef struct _SM_GetPortType_IN {
    ULONG PortIndex;
} SM_GetPortType_IN, *PSM_GetPortType_IN;
#define SM_GetPortType_IN_SIZE                                                                     \
    (FIELD_OFFSET(SM_GetPortType_IN, PortIndex) + sizeof(((SM_GetPortType_IN *)0)->PortIndex))

typedef struct _SM_GetPortType_OUT {
    ULONG HBAStatus;
    ULONG PortType;
} SM_GetPortType_OUT, *PSM_GetPortType_OUT;
#define SM_GetPortType_OUT_SIZE                                                                    \
    (FIELD_OFFSET(SM_GetPortType_OUT, PortType) + sizeof(((SM_GetPortType_OUT *)0)->PortType))

#define SM_GetAdapterPortAttributes 2
typedef struct _SM_GetAdapterPortAttributes_IN {
    ULONG PortIndex;
    ULONG PortSpecificAttributesMaxSize;
} SM_GetAdapterPortAttributes_IN, *PSM_GetAdapterPortAttributes_IN;
#define SM_GetAdapterPortAttributes_IN_SIZE                                                        \
    (FIELD_OFFSET(SM_GetAdapterPortAttributes_IN, PortSpecificAttributesMaxSize) +                 \
     sizeof(((SM_GetAdapterPortAttributes_IN *)0)->PortSpecificAttributesMaxSize))

typedef struct _SM_GetAdapterPortAttributes_OUT {
    ULONG HBAStatus;
    MS_SMHBA_PORTATTRIBUTES PortAttributes;
} SM_GetAdapterPortAttributes_OUT, *PSM_GetAdapterPortAttributes_OUT;
#define SM_GetAdapterPortAttributes_OUT_SIZE                                                       \
    (FIELD_OFFSET(SM_GetAdapterPortAttributes_OUT, PortAttributes) +                               \
     sizeof(((SM_GetAdapterPortAttributes_OUT *)0)->PortAttributes))

#define SM_GetDiscoveredPortAttributes 3
typedef struct _SM_GetDiscoveredPortAttributes_IN {
    ULONG PortIndex;
    ULONG DiscoveredPortIndex;
    ULONG PortSpecificAttributesMaxSize;
} SM_GetDiscoveredPortAttributes_IN, *PSM_GetDiscoveredPortAttributes_IN;
#define SM_GetDiscoveredPortAttributes_IN_SIZE                                                     \
    (FIELD_OFFSET(SM_GetDiscoveredPortAttributes_IN, PortSpecificAttributesMaxSize) +              \
     sizeof(((SM_GetDiscoveredPortAttributes_IN *)0)->PortSpecificAttributesMaxSize))

typedef struct _SM_GetDiscoveredPortAttributes_OUT {
    ULONG HBAStatus;
    MS_SMHBA_PORTATTRIBUTES PortAttributes;
} SM_GetDiscoveredPortAttributes_OUT, *PSM_GetDiscoveredPortAttributes_OUT;
#define SM_GetDiscoveredPortAttributes_OUT_SIZE                                                    \
    (FIELD_OFFSET(SM_GetDiscoveredPortAttributes_OUT, PortAttributes) +                            \
     sizeof(((SM_GetDiscoveredPortAttributes_OUT *)0)->PortAttributes))

#define SM_GetPortAttributesByWWN 4
typedef struct _SM_GetPortAttributesByWWN_IN {
    UCHAR PortWWN[8];
    UCHAR DomainPortWWN[8];
    ULONG PortSpecificAttributesMaxSize;
} SM_GetPortAttributesByWWN_IN, *PSM_GetPortAttributesByWWN_IN;
#define SM_GetPortAttributesByWWN_IN_SIZE                                                          \
    (FIELD_OFFSET(SM_GetPortAttributesByWWN_IN, PortSpecificAttributesMaxSize) +                   \
     sizeof(((SM_GetPortAttributesByWWN_IN *)0)->PortSpecificAttributesMaxSize))

typedef struct _SM_GetPortAttributesByWWN_OUT {
    ULONG HBAStatus;
    MS_SMHBA_PORTATTRIBUTES PortAttributes;
} SM_GetPortAttributesByWWN_OUT, *PSM_GetPortAttributesByWWN_OUT;
#define SM_GetPortAttributesByWWN_OUT_SIZE                                                         \
    (FIELD_OFFSET(SM_GetPortAttributesByWWN_OUT, PortAttributes) +                                 \
     sizeof(((SM_GetPortAttributesByWWN_OUT *)0)->PortAttributes))

#define SM_GetProtocolStatistics 5
typedef struct _SM_GetProtocolStatistics_IN {
    ULONG PortIndex;
    ULONG ProtocolType;
} SM_GetProtocolStatistics_IN, *PSM_GetProtocolStatistics_IN;
#define SM_GetProtocolStatistics_IN_SIZE                                                           \
    (FIELD_OFFSET(SM_GetProtocolStatistics_IN, ProtocolType) +                                     \
     sizeof(((SM_GetProtocolStatistics_IN *)0)->ProtocolType))

typedef struct _SM_GetProtocolStatistics_OUT {
    ULONG HBAStatus;
    MS_SMHBA_PROTOCOLSTATISTICS ProtocolStatistics;
} SM_GetProtocolStatistics_OUT, *PSM_GetProtocolStatistics_OUT;
#define SM_GetProtocolStatistics_OUT_SIZE                                                          \
    (FIELD_OFFSET(SM_GetProtocolStatistics_OUT, ProtocolStatistics) +                              \
     sizeof(((SM_GetProtocolStatistics_OUT *)0)->ProtocolStatistics))

#define SM_GetPhyStatistics 6
typedef struct _SM_GetPhyStatistics_IN {
    ULONG PortIndex;
    ULONG PhyIndex;
    ULONG InNumOfPhyCounters;
} SM_GetPhyStatistics_IN, *PSM_GetPhyStatistics_IN;
#define SM_GetPhyStatistics_IN_SIZE                                                                \
    (FIELD_OFFSET(SM_GetPhyStatistics_IN, InNumOfPhyCounters) +                                    \
     sizeof(((SM_GetPhyStatistics_IN *)0)->InNumOfPhyCounters))

typedef struct _SM_GetPhyStatistics_OUT {
    ULONG HBAStatus;
    ULONG TotalNumOfPhyCounters;
    ULONG OutNumOfPhyCounters;
    LONGLONG PhyCounter[1];
} SM_GetPhyStatistics_OUT, *PSM_GetPhyStatistics_OUT;

#define SM_GetFCPhyAttributes 7
typedef struct _SM_GetFCPhyAttributes_IN {
    ULONG PortIndex;
    ULONG PhyIndex;
} SM_GetFCPhyAttributes_IN, *PSM_GetFCPhyAttributes_IN;
#define SM_GetFCPhyAttributes_IN_SIZE                                                              \
    (FIELD_OFFSET(SM_GetFCPhyAttributes_IN, PhyIndex) +                                            \
     sizeof(((SM_GetFCPhyAttributes_IN *)0)->PhyIndex))

typedef struct _SM_GetFCPhyAttributes_OUT {
    ULONG HBAStatus;
    MS_SMHBA_FC_PHY PhyType;
} SM_GetFCPhyAttributes_OUT, *PSM_GetFCPhyAttributes_OUT;
#define SM_GetFCPhyAttributes_OUT_SIZE                                                             \
    (FIELD_OFFSET(SM_GetFCPhyAttributes_OUT, PhyType) +                                            \
     sizeof(((SM_GetFCPhyAttributes_OUT *)0)->PhyType))

#define SM_GetSASPhyAttributes 8
typedef struct _SM_GetSASPhyAttributes_IN {
    ULONG PortIndex;
    ULONG PhyIndex;
} SM_GetSASPhyAttributes_IN, *PSM_GetSASPhyAttributes_IN;
#define SM_GetSASPhyAttributes_IN_SIZE                                                             \
    (FIELD_OFFSET(SM_GetSASPhyAttributes_IN, PhyIndex) +                                           \
     sizeof(((SM_GetSASPhyAttributes_IN *)0)->PhyIndex))

typedef struct _SM_GetSASPhyAttributes_OUT {
    ULONG HBAStatus;
    MS_SMHBA_SAS_PHY PhyType;
} SM_GetSASPhyAttributes_OUT, *PSM_GetSASPhyAttributes_OUT;
#define SM_GetSASPhyAttributes_OUT_SIZE                                                            \
    (FIELD_OFFSET(SM_GetSASPhyAttributes_OUT, PhyType) +                                           \
     sizeof(((SM_GetSASPhyAttributes_OUT *)0)->PhyType))

#define SM_RefreshInformation 10

#define SM_PORT_SPECIFIC_ATTRIBUTES_MAXSIZE max(sizeof(MS_SMHBA_FC_Port), sizeof(MS_SMHBA_SAS_Port))

#endif

#endif /* WDK_HBAPIWMI_H */
