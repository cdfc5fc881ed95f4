#include "yaml/syntax.h"

#include <string.h>

/* What libyaml says, what it means for the one who wrote the file, and whether the line where the enclosing thing
 * begins belongs behind it. */
static const struct problem {
    const char *said, *meant;
    bool names_begin;
} problems[] = {
    {"found character that cannot start any token",
     "this character cannot begin a value: indent with blanks, not tabs, and quote text that begins with @, ` or %",
     false},
    {"mapping values are not allowed in this context",
     "a \":\" is not allowed here: check the indentation, or quote the text it is part of", false},
    {"block sequence entries are not allowed in this context",
     "a list item (\"- \") is not allowed here: put it on a line of its own", false},
    {"did not find expected key", "the indentation does not fit the map that begins", true},
    {"did not find expected '-' indicator", "the indentation does not fit the list that begins", true},
    {"could not find expected ':'", "a \":\" is missing after the key that begins", true},
    {"did not find expected ',' or ']'", "a \",\" or \"]\" is missing in the list that begins", true},
    {"did not find expected ',' or '}'", "a \",\" or \"}\" is missing in the map that begins", true},
    {"found unexpected end of stream", "there is no end of the quoted text that begins", true},
    {"found unexpected document indicator", "there is no end, before this separator, of the quoted text that begins",
     true},
    {"did not find expected node content", "a value is missing here, or this text must be quoted", false},
    {"did not find expected <document start>", "this is left over behind the end of the document", false},
    {"found unknown escape character",
     "unknown escape in double quotes: write \\\\ for a backslash, or use single quotes", false},
    {"found invalid Unicode character escape code",
     "this escape is not a character: write the character itself (pairs of \\u escapes are for JSON)", false},
    {"did not find expected alphabetic or numeric character",
     "a \"*\" or \"&\" in front makes an alias or an anchor: quote text that begins with one", false},
    {"found undefined tag handle", "the tag here has an unknown prefix: leave it out", false},
};

static const struct problem *find(const char *said) {
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (strcmp(problems[i].said, said) == 0)
            return &problems[i];
    return NULL;
}

static struct mark place(struct text_pieces *pieces, yaml_mark_t mark) {
    return text_pieces_mark(pieces, (struct mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1});
}

void syntax_report(const yaml_parser_t *parser, struct text_pieces *pieces, struct diagnostics *diagnostics) {
    const char *said = parser->problem ? parser->problem : "syntax error";
    const struct problem *problem = find(said);
    struct mark mark = place(pieces, parser->problem_mark);
    unsigned begin = place(pieces, parser->context_mark).line;
    if (problem && problem->names_begin)
        diagnostics_add(diagnostics, SEVERITY_ERROR, mark, "%s on line %u", problem->meant, begin);
    else if (problem)
        diagnostics_add(diagnostics, SEVERITY_ERROR, mark, "%s", problem->meant);
    else if (parser->context)
        diagnostics_add(diagnostics, SEVERITY_ERROR, mark, "%s %s on line %u", said, parser->context, begin);
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, mark, "%s", said);
}
