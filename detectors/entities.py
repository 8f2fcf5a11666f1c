"""The entities that can be found, with their names for people; Presidio's word where Presidio has one.

Nothing is detected here. A test keeps this list equal to what the shipped detectors can find, both ways. Names that
other tools use are listed too, for suggestions only.
"""

import re
import unicodedata
from typing import Final, NamedTuple


class Entity(NamedTuple):
    """One kind of confidential thing, named in both languages."""

    en: str
    zh: str


ENTITIES: Final[dict[str, Entity]] = {
    # in running text
    "PERSON": Entity("name of a person", "人名"),
    "ORGANIZATION": Entity("name of an organisation", "组织机构名称"),
    "LOCATION": Entity("name of a place", "地名"),
    "ADDRESS": Entity("postal address", "地址"),
    # everywhere
    "API_KEY": Entity("API key or token", "接口密钥"),
    "CREDIT_CARD": Entity("bank card number", "银行卡号"),
    "CRYPTO": Entity("cryptocurrency wallet address", "加密货币钱包地址"),
    "DATE_OF_BIRTH": Entity("date of birth", "出生日期"),
    "DATE_TIME": Entity("date or time", "日期时间"),
    "EMAIL_ADDRESS": Entity("e-mail address", "电子邮箱"),
    "IBAN_CODE": Entity("international bank account number", "国际银行账号"),
    "IP_ADDRESS": Entity("IP address", "IP 地址"),
    "MAC_ADDRESS": Entity("network hardware address", "MAC 地址"),
    "PASSWORD": Entity("password", "密码"),
    "PHONE_NUMBER": Entity("telephone number", "电话号码"),
    "PRIVATE_KEY": Entity("private key", "私钥"),
    "URL": Entity("web address", "网址"),
    "UUID": Entity("universally unique identifier", "通用唯一标识符"),
    "MEDICAL_RECORD_NUMBER": Entity("number of a patient or medical record", "病历号"),
    "EMPLOYEE_NUMBER": Entity("number of an employee", "员工编号"),
    # China
    "CN_ID_CARD": Entity("Chinese resident identity number", "居民身份证号"),
    "CN_PASSPORT": Entity("Chinese passport number", "中国护照号"),
    "CN_TRAVEL_PERMIT": Entity("Hong Kong, Macao or Taiwan travel permit number", "港澳台通行证号"),
    "CN_UNIFIED_SOCIAL_CREDIT_CODE": Entity("unified social credit code", "统一社会信用代码"),
    "CN_VEHICLE_PLATE": Entity("Chinese vehicle plate", "机动车号牌"),
    "CN_BANK_ACCOUNT": Entity("Chinese bank account number", "银行账号"),
    "CN_ALIPAY_ACCOUNT": Entity("Alipay account", "支付宝账号"),
    "CN_DRIVER_LICENSE": Entity("Chinese driving licence number", "机动车驾驶证号"),
    "CN_MEDICAL_INSURANCE_NUMBER": Entity("Chinese medical insurance number", "医保卡号"),
    "CN_MILITARY_ID": Entity("Chinese military identity number", "军人证件号"),
    "CN_ORGANIZATION_CODE": Entity("Chinese organisation code", "组织机构代码"),
    "CN_POSTAL_CODE": Entity("Chinese postcode", "邮政编码"),
    "CN_PROPERTY_CERTIFICATE": Entity("Chinese property certificate number", "不动产权证号"),
    "CN_QQ_NUMBER": Entity("QQ number", "QQ 号"),
    "CN_SOCIAL_SECURITY_NUMBER": Entity("Chinese social security number", "社会保障号"),
    "CN_TAXPAYER_NUMBER": Entity("Chinese taxpayer number", "纳税人识别号"),
    "CN_WECHAT_ID": Entity("WeChat account", "微信号"),
    "HK_ID_CARD": Entity("Hong Kong identity number", "香港身份证号"),
    "MO_ID_CARD": Entity("Macao identity number", "澳门身份证号"),
    "TW_ID_CARD": Entity("Taiwan identity number", "台湾身份证号"),
    "CLASSIFICATION_MARKING": Entity("marking of confidentiality", "密级标识"),
    # Asia and Oceania
    "AU_ABN": Entity("Australian business number", "澳大利亚商业号码"),
    "AU_ACN": Entity("Australian company number", "澳大利亚公司号码"),
    "AU_BANK_ACCOUNT": Entity("Australian bank account number or BSB", "澳大利亚银行账号"),
    "AU_MEDICARE": Entity("Australian Medicare number", "澳大利亚医保卡号"),
    "AU_TFN": Entity("Australian tax file number", "澳大利亚税号"),
    "IN_AADHAAR": Entity("Indian Aadhaar number", "印度身份号码"),
    "IN_GSTIN": Entity("Indian goods and services tax number", "印度商品服务税号"),
    "IN_PAN": Entity("Indian permanent account number", "印度永久账户号码"),
    "IN_PASSPORT": Entity("Indian passport number", "印度护照号"),
    "IN_VEHICLE_REGISTRATION": Entity("Indian vehicle registration", "印度车牌号"),
    "IN_VOTER": Entity("Indian voter number", "印度选民证号"),
    "KR_BRN": Entity("Korean business registration number", "韩国企业登记号"),
    "KR_DRIVER_LICENSE": Entity("Korean driving licence number", "韩国驾驶证号"),
    "KR_FRN": Entity("Korean foreigner registration number", "韩国外国人登录号"),
    "KR_PASSPORT": Entity("Korean passport number", "韩国护照号"),
    "KR_RRN": Entity("Korean resident registration number", "韩国居民登记号"),
    "PH_PASSPORT": Entity("Philippine passport number", "菲律宾护照号"),
    "PH_TIN": Entity("Philippine tax number", "菲律宾税号"),
    "PH_UMID": Entity("Philippine unified identity number", "菲律宾统一身份号码"),
    "SG_NRIC_FIN": Entity("Singapore identity number", "新加坡身份证号"),
    "SG_UEN": Entity("Singapore entity number", "新加坡企业号码"),
    "TH_TNIN": Entity("Thai national identity number", "泰国身份证号"),
    # Africa
    "NG_NIN": Entity("Nigerian identity number", "尼日利亚身份号码"),
    "NG_VEHICLE_REGISTRATION": Entity("Nigerian vehicle registration", "尼日利亚车牌号"),
    "ZA_COMPANY_REGISTRATION": Entity("South African company registration", "南非公司注册号"),
    "ZA_DRIVER_LICENSE": Entity("South African driving licence number", "南非驾驶证号"),
    "ZA_ID_NUMBER": Entity("South African identity number", "南非身份证号"),
    "ZA_INCOME_TAX_NUMBER": Entity("South African income tax number", "南非所得税号"),
    "ZA_LICENSE_PLATE": Entity("South African licence plate", "南非车牌号"),
    "ZA_PASSPORT": Entity("South African passport number", "南非护照号"),
    "ZA_TRAFFIC_REGISTER_NUMBER": Entity("South African traffic register number", "南非交通登记号"),
    "ZA_VAT_NUMBER": Entity("South African VAT number", "南非增值税号"),
    # Europe
    "DE_BSNR": Entity("German medical practice number", "德国诊所编号"),
    "DE_FUEHRERSCHEIN": Entity("German driving licence number", "德国驾驶证号"),
    "DE_HANDELSREGISTER": Entity("German commercial register number", "德国商业登记号"),
    "DE_HEALTH_INSURANCE": Entity("German health insurance number", "德国医保号"),
    "DE_ID_CARD": Entity("German identity card number", "德国身份证号"),
    "DE_KFZ": Entity("German vehicle plate", "德国车牌号"),
    "DE_LANR": Entity("German physician number", "德国医师编号"),
    "DE_PASSPORT": Entity("German passport number", "德国护照号"),
    "DE_PLZ": Entity("German postcode", "德国邮编"),
    "DE_SOCIAL_SECURITY": Entity("German pension insurance number", "德国社会保险号"),
    "DE_TAX_ID": Entity("German tax identity number", "德国税务识别号"),
    "DE_TAX_NUMBER": Entity("German tax number", "德国税号"),
    "DE_VAT_ID": Entity("German VAT number", "德国增值税号"),
    "ES_NIE": Entity("Spanish foreigner number", "西班牙外国人身份号码"),
    "ES_NIF": Entity("Spanish tax number", "西班牙税号"),
    "ES_PASSPORT": Entity("Spanish passport number", "西班牙护照号"),
    "FI_PERSONAL_IDENTITY_CODE": Entity("Finnish identity code", "芬兰身份代码"),
    "FR_SOCIAL_SECURITY": Entity("French social security number", "法国社会保障号"),
    "IT_DRIVER_LICENSE": Entity("Italian driving licence number", "意大利驾驶证号"),
    "IT_FISCAL_CODE": Entity("Italian fiscal code", "意大利税号"),
    "IT_IDENTITY_CARD": Entity("Italian identity card number", "意大利身份证号"),
    "IT_PASSPORT": Entity("Italian passport number", "意大利护照号"),
    "IT_VAT_CODE": Entity("Italian VAT number", "意大利增值税号"),
    "PL_PESEL": Entity("Polish identity number", "波兰身份号码"),
    "SE_ORGANISATIONSNUMMER": Entity("Swedish organisation number", "瑞典机构号码"),
    "SE_PERSONNUMMER": Entity("Swedish identity number", "瑞典身份号码"),
    "TR_LICENSE_PLATE": Entity("Turkish vehicle plate", "土耳其车牌号"),
    "TR_NATIONAL_ID": Entity("Turkish identity number", "土耳其身份号码"),
    "UK_BANK_ACCOUNT": Entity("British bank account number or sort code", "英国银行账号"),
    "UK_DRIVING_LICENCE": Entity("British driving licence number", "英国驾驶证号"),
    "UK_NHS": Entity("British health service number", "英国国民保健号"),
    "UK_NINO": Entity("British national insurance number", "英国国民保险号"),
    "UK_PASSPORT": Entity("British passport number", "英国护照号"),
    "UK_POSTCODE": Entity("British postcode", "英国邮编"),
    "UK_VEHICLE_REGISTRATION": Entity("British vehicle registration", "英国车牌号"),
    # North America
    "ABA_ROUTING_NUMBER": Entity("American bank routing number", "美国银行路由号"),
    "CA_POSTAL_CODE": Entity("Canadian postal code", "加拿大邮编"),
    "CA_SIN": Entity("Canadian social insurance number", "加拿大社会保险号"),
    "MEDICAL_LICENSE": Entity("American medical licence number", "美国医师执照号"),
    "US_BANK_NUMBER": Entity("American bank account number", "美国银行账号"),
    "US_CLAIM_NUMBER": Entity("American insurance claim number", "美国理赔号"),
    "US_DRIVER_LICENSE": Entity("American driving licence number", "美国驾驶证号"),
    "US_HEALTH_INSURANCE_MEMBER_ID": Entity("American health insurance member number", "美国医保会员号"),
    "US_ITIN": Entity("American individual taxpayer number", "美国个人纳税号"),
    "US_MBI": Entity("American Medicare beneficiary number", "美国医保受益人号"),
    "US_NPI": Entity("American health provider number", "美国医疗机构号"),
    "US_PASSPORT": Entity("American passport number", "美国护照号"),
    "US_PRESCRIPTION_NUMBER": Entity("American prescription number", "美国处方号"),
    "US_PRIOR_AUTHORIZATION_NUMBER": Entity("American prior authorization number", "美国预授权号"),
    "US_PROVIDER_TAX_ID": Entity("American provider tax number", "美国医疗机构税号"),
    "US_REFERRAL_NUMBER": Entity("American referral number", "美国转诊号"),
    "US_SSN": Entity("American social security number", "美国社会保障号"),
}

ALSO_CALLED: Final[dict[str, str]] = {
    other: entity
    for entity, others in {
        "PERSON": "PER NAME NAMES PERSON_NAME FULL_NAME FIRST_NAME LAST_NAME PEOPLE 姓名 名字 人员 客户姓名 员工姓名",
        "ORGANIZATION": "ORG ORGANISATION COMPANY COMPANY_NAME COMPANIES 公司 公司名 公司名称 单位 单位名称 机构 企业",
        "LOCATION": "LOC GPE PLACE CITY COUNTRY 地点 城市 位置 地区",
        "ADDRESS": "ADDR POSTAL_ADDRESS STREET_ADDRESS HOME_ADDRESS CN_ADDRESS ADDRESS_CN 住址 家庭住址 通讯地址",
        "API_KEY": "APIKEY KEY TOKEN ACCESS_TOKEN ACCESS_KEY SECRET SECRETS SECRET_KEY 密钥 令牌 秘钥",
        "CREDIT_CARD": "BANK_CARD CARD CARD_NUMBER CREDITCARD DEBIT_CARD PAN 银行卡 信用卡 信用卡号 卡号 借记卡",
        "CRYPTO": "WALLET BITCOIN CRYPTO_WALLET 钱包 钱包地址 比特币",
        "DATE_OF_BIRTH": "DOB BIRTH_DATE BIRTHDATE BIRTHDAY DATEOFBIRTH 生日 出生年月 出生年月日 出生时间",
        "DATE_TIME": "DATE TIME DATETIME 日期 时间",
        "EMAIL_ADDRESS": "EMAIL E_MAIL MAIL EMAILS 邮箱 邮件 电子邮件 邮箱地址 邮件地址 电邮",
        "IBAN_CODE": "IBAN",
        "IP_ADDRESS": "IP IPV4 IPV6 IP地址 IP_地址",
        "MAC_ADDRESS": "MAC MAC地址 MAC_地址",
        "PASSWORD": "PASSWD PWD PASSWORDS PASSPHRASE 口令 登录密码",
        "PHONE_NUMBER": "PHONE PHONES MOBILE MOBILE_NUMBER MOBILE_PHONE CELLPHONE TEL TELEPHONE TELEPHONE_NUMBER FAX"
        " PHONE_CN CN_PHONE 手机 手机号 手机号码 电话 座机 联系电话 联系方式 传真",
        "PRIVATE_KEY": "RSA_KEY SSH_KEY 私有密钥",
        "URL": "LINK WEBSITE URI 链接 网站 网页",
        "UUID": "GUID",
        "MEDICAL_RECORD_NUMBER": "MRN PATIENT_ID PATIENT_NUMBER 病历 病案号 住院号 门诊号 就诊号 患者编号",
        "EMPLOYEE_NUMBER": "EMPLOYEE_ID STAFF_ID BADGE_NUMBER 工号 警号 员工号 职工号",
        "FR_SOCIAL_SECURITY": "NIR FR_NIR INSEE_NUMBER",
        "CN_ID_CARD": "ID_CARD IDCARD ID_NUMBER CN_ID CN_IDCARD IDENTITY_CARD ID_CARD_NUMBER"
        " 身份证 身份证号 身份证号码 证件号码",
        "CN_PASSPORT": "PASSPORT PASSPORT_NUMBER 护照 护照号 护照号码",
        "CN_UNIFIED_SOCIAL_CREDIT_CODE": "USCC CREDIT_CODE 信用代码 社会信用代码",
        "CN_VEHICLE_PLATE": "PLATE LICENSE_PLATE CAR_PLATE 车牌 车牌号 车牌号码",
        "CN_DRIVER_LICENSE": "DRIVER_LICENSE DRIVING_LICENCE DRIVING_LICENSE 驾驶证 驾照",
        "CN_POSTAL_CODE": "POSTCODE POSTAL_CODE ZIP_CODE ZIP 邮编",
        "CN_QQ_NUMBER": "QQ QQ号 QQ号码",
        "CN_WECHAT_ID": "WECHAT WECHAT_ID 微信 微信账号",
        "CN_BANK_ACCOUNT": "BANK_ACCOUNT BANK_ACCOUNT_NUMBER ACCOUNT_NUMBER FINANCIAL_ACCOUNT_NUMBER BANK_NUMBER"
        " 银行账户 银行帐号 对公账户 对公账号 收款账号 开户账号",
        "UK_BANK_ACCOUNT": "SORT_CODE",
        "AU_BANK_ACCOUNT": "BSB",
        "ABA_ROUTING_NUMBER": "ROUTING_NUMBER BANK_ROUTING",
        "CN_ALIPAY_ACCOUNT": "ALIPAY 支付宝",
        "CN_SOCIAL_SECURITY_NUMBER": "社保 社保号 社保卡 社保卡号",
        "CN_MEDICAL_INSURANCE_NUMBER": "医保 医保号 医保卡",
        "CN_TAXPAYER_NUMBER": "TAX_NUMBER TAXPAYER_NUMBER 税号",
        "US_SSN": "SSN SOCIAL_SECURITY_NUMBER",
        "CLASSIFICATION_MARKING": "MARKING CLASSIFICATION CONFIDENTIAL 密级",
    }.items()
    for other in others.split()
}
"""What people who know other tools, or none, write for an entity; for suggestions, never taken for the entity."""


def meant_by(word: str) -> str:
    """Return the entity that people mean who write `word`, or an empty string."""
    plain = unicodedata.normalize("NFKC", word).strip().upper()
    return ALSO_CALLED.get(re.sub(r"[\s-]+", "_", plain), "")
