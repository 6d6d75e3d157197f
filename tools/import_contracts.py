"""Two contract types for import-linter that its own do not cover: an allow-list, and a border round a vendor.

Unlike the built-in types they do not mind a package that nobody imports at the moment.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


class _ListingContract(Contract):
    """Keeps a list of forbidden imports and shows it, one a line."""

    def forbidden_imports(self, graph: ImportGraph) -> list[str]:
        raise NotImplementedError

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        forbidden = self.forbidden_imports(graph)
        return ContractCheck(kept=not forbidden, metadata={"forbidden": forbidden})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["forbidden"]:
            output.print_error(line, bold=False)


class AllowedImportsContract(_ListingContract):
    """`modules`, with what is inside them, import nothing but themselves, `allowed` and the standard library."""

    type_name = "allowed_imports"

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed = fields.SetField(subfield=fields.StringField())

    def forbidden_imports(self, graph: ImportGraph) -> list[str]:
        allowed: set[str] = self.allowed  # type: ignore[assignment]  # a field holds its parsed value
        forbidden = []
        for package in _packages(graph, self.modules):  # type: ignore[arg-type]
            inside = {package, *graph.find_descendants(package)}
            for importer in sorted(inside):
                forbidden += [
                    f"{importer} -> {name} (line {_lines(graph, importer, name)})"
                    for name in sorted(graph.find_modules_directly_imported_by(importer) - inside - allowed)
                    if name.split(".")[0] not in sys.stdlib_module_names
                ]
        return forbidden


class OnlyImportedByContract(_ListingContract):
    """`packages` are imported by `importers`, with what is inside them, and by nobody else."""

    type_name = "only_imported_by"

    packages = fields.SetField(subfield=fields.StringField())
    importers = fields.SetField(subfield=fields.ModuleExpressionField())

    def forbidden_imports(self, graph: ImportGraph) -> list[str]:
        importers = _packages(graph, self.importers)  # type: ignore[arg-type]
        allowed = importers.union(*(graph.find_descendants(name) for name in importers))
        forbidden = []
        for package in sorted(self.packages & graph.modules):  # type: ignore[operator]
            inside = {package} | (set() if graph.is_module_squashed(package) else graph.find_descendants(package))
            for name in sorted(inside):
                forbidden += [
                    f"{importer} -> {name} (line {_lines(graph, importer, name)})"
                    for importer in sorted(graph.find_modules_that_directly_import(name) - inside - allowed)
                ]
        return forbidden


def _packages(graph: ImportGraph, expressions: set[ModuleExpression]) -> set[str]:
    wildcards = [expression for expression in expressions if expression.has_wildcard_expression()]
    exact = {expression.expression for expression in expressions if not expression.has_wildcard_expression()}
    found = module_expressions_to_modules(graph, wildcards, as_packages=False) if wildcards else set()
    return (exact & graph.modules) | {module.name for module in found}


def _lines(graph: ImportGraph, importer: str, imported: str) -> str:
    details = graph.get_import_details(importer=importer, imported=imported)
    return ", ".join(str(detail["line_number"]) for detail in details)
