/*
 * Device registers and I/O ports. On x64 memory-mapped registers are read and written by ordinary
 * instructions; the buffer forms copy a row of registers, those of ports repeat one port.
 *
 * Writes are followed by a full fence, as the kernel interface promises.
 */
#ifndef WDK_KERNEL_REGISTERS_H
#define WDK_KERNEL_REGISTERS_H

#include "../ntdef.h"

#ifdef _WIN32

FORCEINLINE VOID KeMemoryBarrierWithoutFence(VOID)
{
    __asm__ __volatile__("" ::: "memory");
}

FORCEINLINE VOID KeMemoryBarrier(VOID)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#define MemoryBarrier()                                      __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define YieldProcessor()                                     __builtin_ia32_pause()
#define KeFlushIoBuffers(mdl, read_operation, dma_operation) ((void)0)

/* One register of WIDTH bits: read, write, and the two in a row of `Count`. */
#define WDK_DEFINE_REGISTER_ACCESS(NAME, TYPE)                                                     \
    FORCEINLINE TYPE READ_REGISTER_##NAME(volatile TYPE *Register)                                 \
    {                                                                                              \
        KeMemoryBarrierWithoutFence();                                                             \
        return *Register;                                                                          \
    }                                                                                              \
    FORCEINLINE VOID WRITE_REGISTER_##NAME(volatile TYPE *Register, TYPE Value)                    \
    {                                                                                              \
        *Register = Value;                                                                         \
        KeMemoryBarrier();                                                                         \
    }                                                                                              \
    FORCEINLINE VOID READ_REGISTER_BUFFER_##NAME(volatile TYPE *Register, TYPE *Buffer,            \
                                                 ULONG Count)                                      \
    {                                                                                              \
        for (ULONG index = 0; index < Count; index++)                                              \
            Buffer[index] = Register[index];                                                       \
    }                                                                                              \
    FORCEINLINE VOID WRITE_REGISTER_BUFFER_##NAME(volatile TYPE *Register, TYPE *Buffer,           \
                                                  ULONG Count)                                     \
    {                                                                                              \
        for (ULONG index = 0; index < Count; index++)                                              \
            Register[index] = Buffer[index];                                                       \
        KeMemoryBarrier();                                                                         \
    }

WDK_DEFINE_REGISTER_ACCESS(UCHAR, UCHAR)
WDK_DEFINE_REGISTER_ACCESS(USHORT, USHORT)
WDK_DEFINE_REGISTER_ACCESS(ULONG, ULONG)
WDK_DEFINE_REGISTER_ACCESS(ULONG64, ULONG64)

#define READ_REGISTER_NOFENCE_UCHAR(register)           (*(volatile UCHAR *)(register))
#define READ_REGISTER_NOFENCE_USHORT(register)          (*(volatile USHORT *)(register))
#define READ_REGISTER_NOFENCE_ULONG(register)           (*(volatile ULONG *)(register))
#define READ_REGISTER_NOFENCE_ULONG64(register)         (*(volatile ULONG64 *)(register))
#define WRITE_REGISTER_NOFENCE_UCHAR(register, value)   (*(volatile UCHAR *)(register) = (value))
#define WRITE_REGISTER_NOFENCE_USHORT(register, value)  (*(volatile USHORT *)(register) = (value))
#define WRITE_REGISTER_NOFENCE_ULONG(register, value)   (*(volatile ULONG *)(register) = (value))
#define WRITE_REGISTER_NOFENCE_ULONG64(register, value) (*(volatile ULONG64 *)(register) = (value))

/* I/O ports: the number of the port is passed as a pointer. */
#define WDK_DEFINE_PORT_ACCESS(NAME, TYPE, SUFFIX)                                                 \
    FORCEINLINE TYPE READ_PORT_##NAME(TYPE *Port)                                                  \
    {                                                                                              \
        TYPE value;                                                                                \
        __asm__ __volatile__("in" SUFFIX " %w1, %0"                                                \
                             : "=a"(value)                                                         \
                             : "Nd"((USHORT)(ULONG_PTR)Port));                                     \
        return value;                                                                              \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_##NAME(TYPE *Port, TYPE Value)                                     \
    {                                                                                              \
        __asm__ __volatile__("out" SUFFIX " %0, %w1" ::"a"(Value), "Nd"((USHORT)(ULONG_PTR)Port)); \
    }                                                                                              \
    FORCEINLINE VOID READ_PORT_BUFFER_##NAME(TYPE *Port, TYPE *Buffer, ULONG Count)                \
    {                                                                                              \
        for (ULONG index = 0; index < Count; index++)                                              \
            Buffer[index] = READ_PORT_##NAME(Port);                                                \
    }                                                                                              \
    FORCEINLINE VOID WRITE_PORT_BUFFER_##NAME(TYPE *Port, TYPE *Buffer, ULONG Count)               \
    {                                                                                              \
        for (ULONG index = 0; index < Count; index++)                                              \
            WRITE_PORT_##NAME(Port, Buffer[index]);                                                \
    }

WDK_DEFINE_PORT_ACCESS(UCHAR, UCHAR, "b")
WDK_DEFINE_PORT_ACCESS(USHORT, USHORT, "w")
WDK_DEFINE_PORT_ACCESS(ULONG, ULONG, "l")

#endif

#endif
