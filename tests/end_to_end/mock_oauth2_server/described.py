"""Holds answers against an API description (OpenAPI 3.1): described.py DESCRIPTION ANSWERS.

ANSWERS has one JSON object a line, with route, status, type and body. Every status must be described for its route, and
every body fit its schema. Prints what does not, and how many answers there were.
"""

import json
import sys

from jsonschema import Draft202012Validator


def faults(description, answer):
    """What is wrong with one answer, as texts."""
    responses = description["paths"][answer["route"]]["post"]["responses"]
    response = responses.get(answer["status"])
    if response is None:
        return [f"status {answer['status']} is not described"]
    media = response["content"].get(answer["type"])
    if media is None:
        return [f"media type {answer['type']} is not described"]
    schema = {**media["schema"], "components": description["components"]}
    try:
        body = json.loads(answer["body"])
    except ValueError:
        return ["the body is not JSON"]
    return [error.message for error in Draft202012Validator(schema).iter_errors(body)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        description = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        answers = [json.loads(line) for line in file]
    found = [(answer, fault) for answer in answers for fault in faults(description, answer)]
    for answer, fault in found:
        print(f"            {answer['route']} {answer['status']}: {fault}")
    print(f"            {len(answers)} answers were looked at")
    return bool(found) or not answers


if __name__ == "__main__":
    sys.exit(main())
