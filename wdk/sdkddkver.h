/*
 * Versions of Windows as numbers. A driver sets NTDDI_VERSION to the oldest Windows that it must
 * run on; the headers then leave out, or turn into failures, what that Windows does not have.
 */
#ifndef WDK_SDKDDKVER_H
#define WDK_SDKDDKVER_H

#define _WIN32_WINNT_WINXP    0x0501
#define _WIN32_WINNT_WS03     0x0502
#define _WIN32_WINNT_VISTA    0x0600
#define _WIN32_WINNT_LONGHORN 0x0600
#define _WIN32_WINNT_WIN7     0x0601
#define _WIN32_WINNT_WIN8     0x0602
#define _WIN32_WINNT_WINBLUE  0x0603
#define _WIN32_WINNT_WIN10    0x0A00

#define NTDDI_WINXP      0x05010000
#define NTDDI_WINXPSP1   0x05010100
#define NTDDI_WINXPSP2   0x05010200
#define NTDDI_WS03       0x05020000
#define NTDDI_WS03SP1    0x05020100
#define NTDDI_LONGHORN   0x06000000
#define NTDDI_VISTA      0x06000000
#define NTDDI_VISTASP1   0x06000100
#define NTDDI_WS08       0x06000100
#define NTDDI_WIN7       0x06010000
#define NTDDI_WIN8       0x06020000
#define NTDDI_WINBLUE    0x06030000
#define NTDDI_THRESHOLD  0x0A000000
#define NTDDI_WIN10      0x0A000000
#define NTDDI_WIN10_TH2  0x0A000001
#define NTDDI_WIN10_RS1  0x0A000002
#define NTDDI_WIN10_RS2  0x0A000003
#define NTDDI_WIN10_RS3  0x0A000004
#define NTDDI_WIN10_RS4  0x0A000005
#define NTDDI_WIN10_RS5  0x0A000006
#define NTDDI_WIN10_19H1 0x0A000007
#define NTDDI_WIN10_VB   0x0A000008
#define NTDDI_WIN10_MN   0x0A000009
#define NTDDI_WIN10_FE   0x0A00000A
#define NTDDI_WIN10_CO   0x0A00000B
#define NTDDI_WIN10_NI   0x0A00000C

/* The newest version that these headers describe. */
#define WDK_NTDDI_VERSION NTDDI_WIN10_NI

#ifndef NTDDI_VERSION
#ifdef _WIN32_WINNT
#if _WIN32_WINNT < 0x0A00
#define NTDDI_VERSION (_WIN32_WINNT << 16)
#else
#define NTDDI_VERSION NTDDI_WIN10_NI
#endif
#else
#define NTDDI_VERSION NTDDI_WIN10_NI
#endif
#endif

#ifndef _WIN32_WINNT
#define _WIN32_WINNT (NTDDI_VERSION >> 16)
#endif
#ifndef WINVER
#define WINVER _WIN32_WINNT
#endif
#ifndef _NT_TARGET_VERSION
#define _NT_TARGET_VERSION _WIN32_WINNT
#endif

#define OSVER(version)  ((version)&0xFFFF0000)
#define SPVER(version)  (((version)&0x0000FF00) >> 8)
#define SUBVER(version) ((version)&0x000000FF)

#endif
