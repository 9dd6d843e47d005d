int Everywhere[4];
int Nowhere;

inline int Merged(int number)
{
    return number;
}

int SetEverywhere(int number)
{
    Everywhere[1] = Merged(number);
    return number;
}
