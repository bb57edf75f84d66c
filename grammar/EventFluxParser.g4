// One rule per node of the AST; README.md has the table. `AS` is never optional, so that nearly every
// keyword stays usable as a name and a misspelt clause is not taken for an alias.
parser grammar EventFluxParser;

options { tokenVocab = EventFluxLexer; }

// ---- Statements -----------------------------------------------------------------------------

// The text is cut at `;` before parsing, so one statement is the whole of what is parsed.
statement : annotation* statementBody ( SEMICOLON | EOF ) ;

// `@app(…)` stands alone; its `;` is optional.
appStatement : annotation SEMICOLON? ;

statementBody
    : CREATE_ createBody
    | insertStatement
    | queryStatement
    | updateStatement
    | deleteStatement
    | upsertStatement
    | partitionStatement
    | explainStatement
    | showStatement
    | describeStatement
    | dropStatement
    ;

createBody
    : createStream | createSource | createResource | createTable | createWindow
    | createTrigger | createAggregation | createView | createFunction
    ;

createStream : STREAM_ streamName tableElements? withOptions? ;
createSource : SOURCE_ identifier withOptions? ;
createResource
    : RESOURCE_ identifier ON_ identifier ( WHEN_ expression )? ( EACH_ jsonPath )? tableElements
      checkpointClause?
    ;
createTable : TABLE_ identifier tableElements withOptions? ;
createWindow : WINDOW_ identifier tableElements WINDOW_? windowCall ( OUTPUT_ eventKind EVENTS_ )? ;
createTrigger : TRIGGER_ identifier AT_? triggerTime ;
createAggregation
    : AGGREGATION_ identifier AS_ query AGGREGATE_ ( BY_ expression )?
      EVERY_ UNIT ( ( ELLIPSIS | COMMA ) UNIT )*
    ;
createView : VIEW_ identifier AS_ query ;
createFunction
    : FUNCTION_ identifier LEFT_PAREN ( functionParameter ( COMMA functionParameter )* )? RIGHT_PAREN
      RETURNS_ dataType AS_ expression
    ;

functionParameter : identifier dataType ;
triggerTime : START_ | EVERY_ duration | CRON_ STRING ;
checkpointClause
    : CHECKPOINT_ nameList ( PER_ nameList )? MONOTONIC_?
    ;

tableElements : LEFT_PAREN tableElement ( COMMA tableElement )* RIGHT_PAREN ;
tableElement
    : PRIMARY_ KEY_ nameList                        # primaryKeyElement
    | INDEX_ nameList                               # indexElement
    | WATERMARK_ FOR_ identifier AS_ expression maxAhead?  # watermarkElement
    | identifier dataType columnOption*             # columnElement
    ;
maxAhead : MAX_ AHEAD_ duration ( ELSE_ identifier )? ;
columnOption
    : PATH_ jsonPath            # pathOption
    | DEFAULT_ expression       # defaultOption
    | NOT_ NULL_                # notNullOption
    ;

insertStatement : INSERT_ eventSelection? INTO_ streamName nameList? ( query | valueRows ) ;
valueRows : VALUES_ valueRow ( COMMA valueRow )* ;
valueRow : LEFT_PAREN expression ( COMMA expression )* RIGHT_PAREN ;
queryStatement : query ( INSERT_ eventSelection? INTO_ streamName nameList? )? ;
eventSelection : eventKind EVENTS_? | EVENTS_ ;
eventKind : CURRENT_ | EXPIRED_ | ALL_ ;

updateStatement
    : UPDATE_ identifier SET_ assignment ( COMMA assignment )* ( FROM_ relation )? ( WHERE_ expression )?
    ;
assignment : identifier ( DOT identifier )? EQUAL expression ;
deleteStatement : DELETE_ FROM_ identifier ( USING_ relation )? ( WHERE_ expression )? ;
upsertStatement : UPSERT_ INTO_ identifier nameList? query ON_ expression ;

partitionStatement
    : PARTITION_ WITH_ LEFT_PAREN partitionKey ( COMMA partitionKey )* RIGHT_PAREN
      BEGIN_ innerStatement* END_
    ;
partitionKey
    : expression OF_ streamName                                 # valuePartition
    | partitionRange ( OR_ partitionRange )* OF_ streamName     # rangePartition
    ;
partitionRange : expression AS_ STRING ;
innerStatement : annotation* statementBody SEMICOLON ;

explainStatement : EXPLAIN_ ( insertStatement | queryStatement ) ;
showStatement : SHOW_ objectKind ;
describeStatement : DESCRIBE_ streamName ;
dropStatement : DROP_ objectKind streamName ;
objectKind
    : STREAM_ | SOURCE_ | RESOURCE_ | TABLE_ | WINDOW_ | TRIGGER_ | AGGREGATION_ | VIEW_ | FUNCTION_
    | IDENTIFIER
    ;

// ---- Annotations ----------------------------------------------------------------------------

annotation : AT word ( LEFT_PAREN ( annotationItem ( COMMA annotationItem )* )? RIGHT_PAREN )? ;
annotationItem : annotation | optionKey EQUAL optionValue | optionValue ;
withOptions : WITH_ LEFT_PAREN withOption ( COMMA withOption )* RIGHT_PAREN ;
withOption : optionKey EQUAL optionValue ;
optionKey : word ( ( DOT | MINUS ) word )* | STRING | DOUBLE_QUOTED ;
optionValue
    : STRING | DOUBLE_QUOTED | TRUE_ | FALSE_ | MINUS? ( INTEGER | HEXADECIMAL | DECIMAL ) UNIT?
    ;
word : IDENTIFIER | softKeyword | reservedKeyword ;

// ---- Queries --------------------------------------------------------------------------------

query : withQueries? selectQuery ( UNION_ ALL_ selectQuery )* ;
withQueries : WITH_ namedQuery ( COMMA namedQuery )* ;
namedQuery : identifier AS_ LEFT_PAREN query RIGHT_PAREN ;

selectQuery
    : SELECT_ DISTINCT_? selectItem ( COMMA selectItem )* FROM_ fromClause
      whereClause? groupClause? havingClause? orderClause? limitClause? offsetClause? emitClause?
      outputClause?
    ;
selectItem
    : STAR                                  # allColumns
    | streamName DOT STAR                   # relationColumns
    | expression ( AS_ identifier )?        # selectExpression
    ;
whereClause : WHERE_ expression ;
groupClause : GROUP_ BY_ expression ( COMMA expression )* ;
havingClause : HAVING_ expression ;
orderClause : ORDER_ BY_ orderItem ( COMMA orderItem )* ;
orderItem : expression ( ASC_ | DESC_ )? ( NULLS_ ( FIRST_ | LAST_ ) )? ;
limitClause : LIMIT_ INTEGER ( WITH_ TIES_ )? ;
offsetClause : OFFSET_ INTEGER ;
emitClause : EMIT_ FINAL_ ;
outputClause : OUTPUT_ ( ALL_ | FIRST_ | LAST_ | SNAPSHOT_ )? EVERY_ ( INTEGER EVENTS_ | duration ) ;

fromClause : relation joinClause* ;
joinClause
    : ( joinKind? JOIN_ ) relation ( ON_ expression | USING_ nameList )? aggregationRange?
    ;
joinKind : INNER_ | LEFT_ OUTER_? | RIGHT_ OUTER_? | FULL_ OUTER_? | CROSS_ ;
relation
    : ( PATTERN_ | SEQUENCE_ ) LEFT_PAREN pattern RIGHT_PAREN withinClause?
      ( PARTITION_ BY_ expression ( COMMA expression )* )?                          # patternRelation
    | LEFT_PAREN query RIGHT_PAREN AS_ identifier windowClause? UNIDIRECTIONAL_?    # queryRelation
    | streamName ( AS_ identifier )? streamFilter? windowClause? UNIDIRECTIONAL_?
      aggregationRange?                                                             # streamRelation
    ;
streamFilter : LEFT_BRACKET expression RIGHT_BRACKET ;
windowClause : WINDOW_ windowCall ( PER_ LEFT_PAREN expression ( COMMA expression )* RIGHT_PAREN )? ;
windowCall
    : identifier LEFT_PAREN ( windowArgument ( COMMA windowArgument )* )? RIGHT_PAREN
    | LEFT_PAREN STRING ( COMMA windowArgument )* RIGHT_PAREN
    ;
windowArgument : expression ( ASC_ | DESC_ )? ;
aggregationRange : WITHIN_ expression ( COMMA expression )? PER_ expression ;
withinClause : WITHIN_ ( duration | INTEGER EVENTS_ ) ;

// ---- Patterns -------------------------------------------------------------------------------

pattern : patternStep ( ( ARROW | COMMA ) patternStep )* ;
patternStep : EVERY_? patternOr ;
patternOr : patternAnd ( OR_ patternAnd )* ;
patternAnd : patternElement ( AND_ patternElement )* ;
patternElement
    : NOT_ streamName streamFilter? ( FOR_ duration )?                      # absentElement
    | LEFT_PAREN pattern RIGHT_PAREN repetition?                            # groupElement
    | ( identifier EQUAL )? streamName repetition? streamFilter? repetition?   # streamElement
    ;
repetition
    : LEFT_BRACE INTEGER ( COMMA INTEGER? )? RIGHT_BRACE
    | LESS ( INTEGER ( COLON INTEGER? )? | COLON INTEGER ) GREATER
    | PLUS | STAR | QUESTION
    ;

// ---- Expressions: three levels, so that the AND of BETWEEN is decided without lookahead -----

expression
    : NOT_ expression                   # notExpression
    | expression AND_ expression        # andExpression
    | expression OR_ expression         # orExpression
    | predicate                         # predicateExpression
    ;

predicate
    : predicate comparison value                            # comparisonPredicate
    | predicate NOT_? BETWEEN_ value AND_ value             # betweenPredicate
    | predicate NOT_? IN_ ( LEFT_PAREN expression ( COMMA expression )* RIGHT_PAREN | identifier )
                                                            # inPredicate
    | predicate NOT_? ( LIKE_ | ILIKE_ ) value ( ESCAPE_ STRING )?  # likePredicate
    | predicate NOT_? REGEXP_ value                         # regexpPredicate
    | predicate IS_ NOT_? ( NULL_ | TRUE_ | FALSE_ )        # isPredicate
    | predicate IS_ NOT_? DISTINCT_ FROM_ value             # distinctPredicate
    | value                                                 # valuePredicate
    ;
comparison
    : EQUAL | DOUBLE_EQUAL | NOT_EQUAL | LESS | LESS_EQUAL | GREATER | GREATER_EQUAL
    ;

value
    : ( MINUS | PLUS ) value                        # signValue
    | value ( STAR | SLASH | PERCENT ) value        # arithmeticValue
    | value ( PLUS | MINUS | CONCAT ) value         # arithmeticValue
    | access                                        # accessValue
    ;

access
    : access DOT identifier                                     # memberAccess
    | access LEFT_BRACKET expression RIGHT_BRACKET              # indexAccess
    | access ( ARROW | DOUBLE_ARROW ) jsonKey                   # jsonAccess
    | access DOUBLE_COLON dataType                              # castAccess
    | primary                                                   # primaryAccess
    ;
jsonKey : STRING | MINUS? INTEGER | LEFT_PAREN expression RIGHT_PAREN ;

primary
    : literal                                                               # literalPrimary
    | jsonPath                                                              # pathPrimary
    | CASE_ expression? ( WHEN_ expression THEN_ expression )+ ( ELSE_ expression )? END_  # casePrimary
    | ( CAST_ | TRY_CAST_ ) LEFT_PAREN expression AS_ dataType RIGHT_PAREN  # castPrimary
    | EXTRACT_ LEFT_PAREN ( UNIT | identifier ) FROM_ expression RIGHT_PAREN   # extractPrimary
    | functionCall                                                          # callPrimary
    | LEFT_PAREN expression RIGHT_PAREN                                     # nestedPrimary
    | streamName                                                            # namePrimary
    ;

functionCall
    : functionName LEFT_PAREN ( STAR | DISTINCT_? argumentList )? RIGHT_PAREN
      ( FILTER_ LEFT_PAREN WHERE_ expression RIGHT_PAREN )?
    ;
argumentList
    : expression ( COMMA expression )*
    | expression FROM_ expression ( FOR_ expression )?
    ;
// and(b) and or(b) are aggregates; their names are reserved everywhere else.
functionName : identifier | AND_ | OR_ ;

literal
    : NULL_                                             # nullLiteral
    | ( TRUE_ | FALSE_ )                                # booleanLiteral
    | duration                                          # durationLiteral
    | ( INTEGER | HEXADECIMAL | DECIMAL )               # numberLiteral
    | TIMESTAMP_ STRING                                 # timestampLiteral
    | STRING                                            # stringLiteral
    | OCTETS                                            # octetsLiteral
    ;
duration : ( INTEGER | DECIMAL ) UNIT | INTERVAL_ STRING UNIT ;
jsonPath : PATH_LITERAL | AT ;

// ---- Names ----------------------------------------------------------------------------------

dataType
    : typeName PRECISION_? ( LEFT_PAREN INTEGER ( COMMA INTEGER )* RIGHT_PAREN )?
    ;
typeName : IDENTIFIER | TIMESTAMP_ | INTERVAL_ ;
nameList : LEFT_PAREN identifier ( COMMA identifier )* RIGHT_PAREN ;
// `#s` is a stream inside a partition, `!s` the fault stream of s.
streamName : ( HASH | BANG )? identifier ;
identifier : IDENTIFIER | DOUBLE_QUOTED | BACK_QUOTED | softKeyword ;

softKeyword
    : AGGREGATE_ | AHEAD_ | AGGREGATION_ | ALL_ | ASC_ | AT_ | BEGIN_ | CHECKPOINT_ | CRON_ | CROSS_
      | CURRENT_ | DEFAULT_ | DELETE_ | DESC_ | DESCRIBE_ | DROP_ | EACH_ | EMIT_ | ESCAPE_
      | EVENTS_ | EVERY_ | EXPIRED_ | EXPLAIN_ | EXTRACT_ | FILTER_ | FINAL_ | FIRST_ | FOR_
      | FULL_ | FUNCTION_ | ILIKE_ | INDEX_ | INNER_ | INTERVAL_ | KEY_ | LAST_ | LEFT_ | LIMIT_
      | MAX_ | MONOTONIC_ | NULLS_ | OF_ | OFFSET_ | OUTER_ | OUTPUT_ | PARTITION_ | PATH_ | PATTERN_
      | PER_ | PRECISION_ | PRIMARY_ | REGEXP_ | RESOURCE_ | RETURNS_ | RIGHT_ | SEQUENCE_ | SET_
      | SHOW_ | SNAPSHOT_ | SOURCE_ | START_ | STREAM_ | TABLE_ | TIES_ | TIMESTAMP_ | TRIGGER_
      | TRY_CAST_ | UNIDIRECTIONAL_ | UPDATE_ | UPSERT_ | USING_ | VALUES_ | VIEW_ | WATERMARK_
      | WINDOW_ | WITH_ | WITHIN_ | UNIT
    ;

reservedKeyword
    : SELECT_ | DISTINCT_ | FROM_ | WHERE_ | GROUP_ | BY_ | HAVING_ | ORDER_ | AS_ | ON_ | JOIN_
      | UNION_ | AND_ | OR_ | NOT_ | IN_ | IS_ | LIKE_ | BETWEEN_ | CASE_ | WHEN_ | THEN_ | ELSE_
      | END_ | NULL_ | TRUE_ | FALSE_ | CAST_ | INSERT_ | INTO_ | CREATE_
    ;
