"""Which function a token stands in, as Microsoft's compiler spells it: Namespace::Class::Function."""

WORDS = {b"__FUNCTION__", b"__func__", b"__FUNCSIG__", b"__PRETTY_FUNCTION__"}
SCOPES = {b"class", b"struct", b"union", b"namespace"}
STATEMENTS = {b"if", b"for", b"while", b"switch", b"catch"}
NOBODY = b"?"


def all_of(tokens):
    """Yields (index, name of the function around it) for each word that stands for a function's name."""
    scopes = []  # a name for each brace that is open, or None
    within = 0  # braces inside the function
    for index, token in enumerate(tokens):
        if token.text == b"{":
            if within:
                within += 1
                continue
            name, is_function = scope_of(tokens, tokens.statement_start(index), index)
            scopes.append(name)
            within = int(is_function)
        elif token.text == b"}":
            within = max(0, within - 1)
            if not within and scopes:
                scopes.pop()
        elif token.text in WORDS:
            yield index, b"::".join(name for name in scopes if name) or NOBODY


def scope_of(tokens, first, brace):
    """What a brace opens: the name, if it has one, and whether it is a function's."""
    words = [token.text for token in (tokens[at] for at in range(first, brace))]
    if b"(" in words and not STATEMENTS & set(words[:1]):
        return declared_name(words[: words.index(b"(")]), True
    for at, word in enumerate(words):
        if word in SCOPES:
            names = [text for text in words[at + 1:] if text[:1].isalpha() or text[:1] == b"_"]
            return (names[0] if names else None), False
    return None, False


def declared_name(words):
    """The last name before the parameters, with its qualification: A :: B, A :: ~ A."""
    name = words[-1:]
    at = len(words) - 1
    while at > 0 and (words[at - 1] in (b"~", b":") or words[at] == b":"):
        at -= 1
        name.insert(0, words[at])
    return b"".join(name)
