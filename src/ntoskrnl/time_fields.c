/*
 * time_fields.c - Rtl: system times as dates. A system time counts 100 ns since 1601, which begins
 * a cycle of 400 years of the calendar.
 */
#include "nt/export.h"
#include "nt/thread.h"
#include "nt/time_zone.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Time", NT_HIGH_LEVEL)

enum {
    DAYS_OF_400_YEARS = 146097,
    DAYS_OF_YEAR = 365,
    FIRST_YEAR = 1601,
    LAST_YEAR = 30827,
    FIRST_WEEKDAY = 1, /* 1601 began on a Monday */
    MS_OF_DAY = 86400000,
    UNITS_OF_MS = 10000,
};

static const long long units_of_s = 10000000, seconds_to_1970 = 11644473600;

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_length(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

static long long days_before_year(int year)
{
    long long years = year - FIRST_YEAR;

    return years * DAYS_OF_YEAR + years / 4 - years / 100 + years / 400;
}

VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields)
{
    long long ms = Time->QuadPart / UNITS_OF_MS, days = ms / MS_OF_DAY;
    int of_day = (int)(ms % MS_OF_DAY), month = 1;
    /* An estimate that is never too late. */
    int year = FIRST_YEAR + (int)(days * 400 / (DAYS_OF_400_YEARS + 1));

    while (days_before_year(year + 1) <= days)
        year++;
    TimeFields->Weekday = (CSHORT)((days + FIRST_WEEKDAY) % 7);
    days -= days_before_year(year);
    for (; days >= month_length(year, month); month++)
        days -= month_length(year, month);
    TimeFields->Year = (CSHORT)year;
    TimeFields->Month = (CSHORT)month;
    TimeFields->Day = (CSHORT)(days + 1);
    TimeFields->Hour = (CSHORT)(of_day / 3600000);
    TimeFields->Minute = (CSHORT)(of_day / 60000 % 60);
    TimeFields->Second = (CSHORT)(of_day / 1000 % 60);
    TimeFields->Milliseconds = (CSHORT)(of_day % 1000);
}
EXPORT(RtlTimeToTimeFields);

BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time)
{
    const TIME_FIELDS *f = TimeFields;

    if (f->Year < FIRST_YEAR || f->Year > LAST_YEAR || f->Month < 1 || f->Month > 12 ||
        f->Day < 1 || f->Day > month_length(f->Year, f->Month) || f->Hour < 0 || f->Hour > 23 ||
        f->Minute < 0 || f->Minute > 59 || f->Second < 0 || f->Second > 59 || f->Milliseconds < 0 ||
        f->Milliseconds > 999)
        return FALSE;
    long long days = days_before_year(f->Year) + f->Day - 1;
    for (int month = 1; month < f->Month; month++)
        days += month_length(f->Year, month);
    long long ms =
        ((days * 24 + f->Hour) * 60 + f->Minute) * 60000 + f->Second * 1000 + f->Milliseconds;
    Time->QuadPart = ms * UNITS_OF_MS;
    return TRUE;
}
EXPORT(RtlTimeFieldsToTime);

BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
    long long seconds = Time->QuadPart / units_of_s - seconds_to_1970;

    if (seconds < 0 || seconds > 0xFFFFFFFF)
        return FALSE;
    *ElapsedSeconds = (ULONG)seconds;
    return TRUE;
}
EXPORT(RtlTimeToSecondsSince1970);

VOID NTAPI RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
    Time->QuadPart = (ElapsedSeconds + seconds_to_1970) * units_of_s;
}
EXPORT(RtlSecondsSince1970ToTime);

VOID NTAPI ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime)
{
    LocalTime->QuadPart = SystemTime->QuadPart - nt_time_zone_bias_100ns();
}
EXPORT(ExSystemTimeToLocalTime);

VOID NTAPI ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
    SystemTime->QuadPart = LocalTime->QuadPart + nt_time_zone_bias_100ns();
}
EXPORT(ExLocalTimeToSystemTime);
