"""Runs statements through snowflake-connector-python: a job as JSON on stdin, a report as JSON on stdout."""

import base64
import json
import sys

import snowflake.connector
import snowflake.connector.constants


def describe(error):
    """The parts of a driver's error that a test compares."""
    return {
        "number": error.errno if error.errno is not None else 0,
        "sqlState": error.sqlstate or "",
        "message": error.msg or str(error),
    }


def run(cursor, statement):
    """One statement's rows as text by column, or its columns if it is only described, or its error."""
    try:
        if statement.get("describe"):
            described = cursor.describe(statement["sql"])
            types = snowflake.connector.constants.FIELD_ID_TO_NAME
            return {"columns": [[column.name, types[column.type_code]] for column in described]}
        cursor.execute(statement["sql"], statement.get("binds"))
        names = [column[0] for column in cursor.description]
        rows = [
            {name: None if cell is None else str(cell) for name, cell in zip(names, row)}
            for row in cursor.fetchall()
        ]
        return {"rows": rows}
    except snowflake.connector.errors.Error as error:
        return {"error": describe(error)}


def main():
    job = json.load(sys.stdin)
    options = dict(job["connection"])
    if "private_key" in options:
        options["private_key"] = base64.b64decode(options["private_key"])
    # The default style writes values into the statement; this one sends them as binds.
    snowflake.connector.paramstyle = "qmark"
    try:
        connection = snowflake.connector.connect(**options)
    except snowflake.connector.errors.Error as error:
        json.dump({"loginError": describe(error)}, sys.stdout)
        return
    cursor = connection.cursor()
    outcomes = [run(cursor, statement) for statement in job["statements"]]
    connection.close()
    json.dump({"outcomes": outcomes}, sys.stdout)


if __name__ == "__main__":
    main()
