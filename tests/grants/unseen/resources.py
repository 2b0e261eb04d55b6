"""The tables of an invented shop and library, and the Api whose routes the cases are."""

from datetime import datetime

from skylift import Api, Struct, Table


class Note(Struct):
    id: str
    owner: str
    text: str
    words: int = 0
    parent: str | None = None
    meta: dict[str, str] = {}


class Order(Struct):
    id: str
    customer_id: str
    status: str
    total: int
    lines: dict[str, int] = {}


class Customer(Struct):
    id: str
    email: str
    plan: str = "free"
    credit: int = 0


class Product(Struct):
    id: str
    title: str
    price: int
    stock: int = 0


class Invoice(Struct):
    id: str
    customer_id: str
    state: str
    total: int


class Book(Struct):
    id: str
    title: str
    author: str
    copies: int = 1


class Loan(Struct):
    book_id: str
    reader: str
    due: datetime


class Entry(Struct):
    subject: str
    at: datetime
    action: str


api = Api("unseen")
notes = Table("notes", Note, key="id", indexes={"by_owner": ("owner", "id")})
archive = Table("archive", Note, key="id")
orders = Table("orders", Order, key="id", indexes={"by_customer": ("customer_id", "id")})
customers = Table("customers", Customer, key="id")
products = Table("products", Product, key="id")
invoices = Table("invoices", Invoice, key="id", indexes={"by_customer": ("customer_id", "id")})
books = Table("books", Book, key="id")
loans = Table("loans", Loan, key=("book_id", "reader"), indexes={"by_reader": ("reader", "due")})
audit = Table[Entry, str, datetime]("audit", Entry, key=("subject", "at"))
