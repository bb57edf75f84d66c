// Tokens. Letters are upper case here: the character stream of the parser folds a-z before the lexer
// sees them, so keywords match in any case while a token's text keeps the case it was written in.
lexer grammar EventFluxLexer;

// Keywords that are never names.
SELECT_ : 'SELECT' ;
DISTINCT_ : 'DISTINCT' ;
FROM_ : 'FROM' ;
WHERE_ : 'WHERE' ;
GROUP_ : 'GROUP' ;
BY_ : 'BY' ;
HAVING_ : 'HAVING' ;
ORDER_ : 'ORDER' ;
AS_ : 'AS' ;
ON_ : 'ON' ;
JOIN_ : 'JOIN' ;
UNION_ : 'UNION' ;
AND_ : 'AND' ;
OR_ : 'OR' ;
NOT_ : 'NOT' ;
IN_ : 'IN' ;
IS_ : 'IS' ;
LIKE_ : 'LIKE' ;
BETWEEN_ : 'BETWEEN' ;
CASE_ : 'CASE' ;
WHEN_ : 'WHEN' ;
THEN_ : 'THEN' ;
ELSE_ : 'ELSE' ;
END_ : 'END' ;
NULL_ : 'NULL' ;
TRUE_ : 'TRUE' ;
FALSE_ : 'FALSE' ;
CAST_ : 'CAST' ;
INSERT_ : 'INSERT' ;
INTO_ : 'INTO' ;
CREATE_ : 'CREATE' ;

// Keywords that position tells apart from names; rule `softKeyword` of the parser lists them.
AGGREGATE_ : 'AGGREGATE' ;
AGGREGATION_ : 'AGGREGATION' ;
AHEAD_ : 'AHEAD' ;
ALL_ : 'ALL' ;
ASC_ : 'ASC' ;
AT_ : 'AT' ;
BEGIN_ : 'BEGIN' ;
CHECKPOINT_ : 'CHECKPOINT' ;
CRON_ : 'CRON' ;
CROSS_ : 'CROSS' ;
CURRENT_ : 'CURRENT' ;
DEFAULT_ : 'DEFAULT' ;
DELETE_ : 'DELETE' ;
DESC_ : 'DESC' ;
DESCRIBE_ : 'DESCRIBE' ;
DROP_ : 'DROP' ;
EACH_ : 'EACH' ;
EMIT_ : 'EMIT' ;
ESCAPE_ : 'ESCAPE' ;
EVENTS_ : 'EVENTS' ;
EVERY_ : 'EVERY' ;
EXPIRED_ : 'EXPIRED' ;
EXPLAIN_ : 'EXPLAIN' ;
EXTRACT_ : 'EXTRACT' ;
FILTER_ : 'FILTER' ;
FINAL_ : 'FINAL' ;
FIRST_ : 'FIRST' ;
FOR_ : 'FOR' ;
FULL_ : 'FULL' ;
FUNCTION_ : 'FUNCTION' ;
ILIKE_ : 'ILIKE' ;
INDEX_ : 'INDEX' ;
INNER_ : 'INNER' ;
INTERVAL_ : 'INTERVAL' ;
KEY_ : 'KEY' ;
LAST_ : 'LAST' ;
LEFT_ : 'LEFT' ;
LIMIT_ : 'LIMIT' ;
MAX_ : 'MAX' ;
MONOTONIC_ : 'MONOTONIC' ;
NULLS_ : 'NULLS' ;
OF_ : 'OF' ;
OFFSET_ : 'OFFSET' ;
OUTER_ : 'OUTER' ;
OUTPUT_ : 'OUTPUT' ;
PARTITION_ : 'PARTITION' ;
PATH_ : 'PATH' ;
PATTERN_ : 'PATTERN' ;
PER_ : 'PER' ;
PRECISION_ : 'PRECISION' ;
PRIMARY_ : 'PRIMARY' ;
REGEXP_ : 'REGEXP' ;
RESOURCE_ : 'RESOURCE' ;
RETURNS_ : 'RETURNS' ;
RIGHT_ : 'RIGHT' ;
SEQUENCE_ : 'SEQUENCE' ;
SET_ : 'SET' ;
SHOW_ : 'SHOW' ;
SNAPSHOT_ : 'SNAPSHOT' ;
SOURCE_ : 'SOURCE' ;
START_ : 'START' ;
STREAM_ : 'STREAM' ;
TABLE_ : 'TABLE' ;
TIES_ : 'TIES' ;
TIMESTAMP_ : 'TIMESTAMP' ;
TRIGGER_ : 'TRIGGER' ;
TRY_CAST_ : 'TRY_CAST' ;
UNIDIRECTIONAL_ : 'UNIDIRECTIONAL' ;
UPDATE_ : 'UPDATE' ;
UPSERT_ : 'UPSERT' ;
USING_ : 'USING' ;
VALUES_ : 'VALUES' ;
VIEW_ : 'VIEW' ;
WATERMARK_ : 'WATERMARK' ;
WINDOW_ : 'WINDOW' ;
WITH_ : 'WITH' ;
WITHIN_ : 'WITHIN' ;

// One token for all units: none of them means anything but after a number or a quoted number.
UNIT : ( 'MICROSECOND' | 'MILLISECOND' | 'SECOND' | 'SEC' | 'MINUTE' | 'MIN' | 'HOUR' | 'DAY' | 'WEEK'
       | 'MONTH' | 'YEAR' ) 'S'?
     | 'MS' | 'S' ;

// A bare `@` is the current element or the beginning of an annotation: the parser knows which.
PATH_LITERAL : '$' PATH_STEP* | '@' PATH_STEP+ ;
fragment PATH_STEP : '.' WORD | '[' ' '* ( [0-9]+ | '*' | QUOTED_TEXT ) ' '* ']' ;

IDENTIFIER : WORD ;
fragment WORD : LETTER ( LETTER | [0-9] )* ;
fragment LETTER : [_\p{L}\p{Nl}] ;
DOUBLE_QUOTED : '"' ( ~'"' | '""' )* '"' ;
BACK_QUOTED : '`' ( ~'`' | '``' )* '`' ;
STRING : QUOTED_TEXT ;
fragment QUOTED_TEXT : '\'' ( ~'\'' | '\'\'' )* '\'' ;

HEXADECIMAL : '0X' [0-9A-F]+ ;
OCTETS : 'X\'' ( ~'\'' )* '\'' ;
INTEGER : [0-9]+ ;
DECIMAL : [0-9]+ '.' [0-9]+ EXPONENT? | '.' [0-9]+ EXPONENT? | [0-9]+ EXPONENT ;
fragment EXPONENT : 'E' [+-]? [0-9]+ ;

// A quote that never closes is a token of its own: the longest match prefers the closed ones.
UNCLOSED : '\'' ( ~'\'' | '\'\'' )* | '"' ( ~'"' | '""' )* | '`' ( ~'`' | '``' )* ;
UNCLOSED_COMMENT : '/*' ( ~'*' | '*'+ ~[*/] )* '*'* ;

LINE_COMMENT : '--' ~[\r\n]* -> channel(HIDDEN) ;
BLOCK_COMMENT : '/*' .*? '*/' -> channel(HIDDEN) ;
BLANK : [ \t\r\n\u000B\u000C\u00A0\uFEFF]+ -> channel(HIDDEN) ;

ELLIPSIS : '...' | '\u2026' ;
DOUBLE_ARROW : '->>' ;
ARROW : '->' ;
DOUBLE_COLON : '::' ;
CONCAT : '||' ;
LESS_EQUAL : '<=' ;
GREATER_EQUAL : '>=' ;
NOT_EQUAL : '<>' | '!=' ;
DOUBLE_EQUAL : '==' ;
EQUAL : '=' ;
LESS : '<' ;
GREATER : '>' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
SLASH : '/' ;
PERCENT : '%' ;
QUESTION : '?' ;
COLON : ':' ;
SEMICOLON : ';' ;
COMMA : ',' ;
DOT : '.' ;
LEFT_PAREN : '(' ;
RIGHT_PAREN : ')' ;
LEFT_BRACKET : '[' ;
RIGHT_BRACKET : ']' ;
LEFT_BRACE : '{' ;
RIGHT_BRACE : '}' ;
HASH : '#' ;
BANG : '!' ;
AT : '@' ;
INVALID : . ;
