/**
 * Words that are no names unless they are quoted: "reserved" in Snowflake's list of reserved and limited keywords
 * (https://docs.snowflake.com/en/sql-reference/reserved-keywords).
 */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `ALL ALTER AND ANY AS BETWEEN BY CHECK COLUMN CONNECT CREATE CURRENT DELETE DISTINCT DROP ELSE EXISTS FOLLOWING FOR
   FROM GRANT GROUP HAVING ILIKE IN INCREMENT INSERT INTERSECT INTO IS LIKE MINUS NOT NULL OF ON OR ORDER QUALIFY
   REGEXP REVOKE RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER UNION UNIQUE UPDATE
   VALUES WHENEVER WHERE WITH`.split(/\s+/),
);

/** Words that `SHOW … IN` takes for its own, in the same list. */
export const RESERVED_IN_SHOW: ReadonlySet<string> = new Set(
  "ACCOUNT CONNECTION DATABASE GSCLUSTER ISSUE ORGANIZATION SCHEMA VIEW".split(" "),
);
